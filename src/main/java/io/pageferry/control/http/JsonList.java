package io.pageferry.control.http;

import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import tools.jackson.databind.JsonNode;

/**
 * A JSON list of any length, in chunks of which each has its own deadline: it is slow clients that are to be cut off,
 * not long lists. No more than a chunk of it is ever in memory.
 */
record JsonList(Iterator<? extends JsonNode> elements) implements Answer {
    private static final int CHUNK_BYTES = 1 << 16;

    @Override
    public void send(HttpExchange exchange, Deadlines deadlines) throws IOException {
        Answer.headers(exchange, "application/json");
        OutputStream out;
        try (Deadlines.Task _ = deadlines.begin()) {
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.sendResponseHeaders(200, -1);
                return;
            }
            exchange.sendResponseHeaders(200, 0);
            out = exchange.getResponseBody();
        }
        ByteArrayOutputStream chunk = new ByteArrayOutputStream();
        chunk.write('[');
        while (elements.hasNext()) {
            chunk.writeBytes(elements.next().toString().getBytes(StandardCharsets.UTF_8));
            if (elements.hasNext()) {
                chunk.write(',');
            }
            if (chunk.size() >= CHUNK_BYTES) {
                write(chunk, out, deadlines);
            }
        }
        chunk.write(']');
        write(chunk, out, deadlines);
        try (Deadlines.Task _ = deadlines.begin()) {
            out.close();
        }
    }

    private static void write(ByteArrayOutputStream chunk, OutputStream out, Deadlines deadlines) throws IOException {
        try (Deadlines.Task _ = deadlines.begin()) {
            chunk.writeTo(out);
        }
        chunk.reset();
    }
}
