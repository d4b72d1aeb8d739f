package io.pageferry.control.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import tools.jackson.databind.JsonNode;

/** What a request is answered with. */
interface Answer {
    /** Sends it. A client has the time of a deadline for what is written at once. */
    void send(HttpExchange exchange, Deadlines deadlines) throws IOException;

    static Answer text(int status, String line) {
        return new Whole(status, "text/plain; charset=utf-8", (line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    static Answer json(JsonNode json) {
        return new Whole(200, "application/json", json.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** A list of any length: its elements are made as they are sent. */
    static Answer json(Iterator<? extends JsonNode> elements) {
        return new JsonList(elements);
    }

    /** One that is there as a whole. Immutable but for its bytes, which nobody changes. */
    record Whole(int status, String type, byte[] body) implements Answer {
        @Override
        public void send(HttpExchange exchange, Deadlines deadlines) throws IOException {
            headers(exchange, type);
            try (Deadlines.Task _ = deadlines.begin()) {
                if (exchange.getRequestMethod().equals("HEAD")) {
                    exchange.sendResponseHeaders(status, -1);
                    return;
                }
                exchange.sendResponseHeaders(status, body.length);
                try (OutputStream out = exchange.getResponseBody()) {
                    out.write(body);
                }
            }
        }
    }

    /**
     * A page of ours loads nothing from elsewhere, is in no frame of another, and runs no script that something it
     * shows might smuggle in.
     */
    static void headers(HttpExchange exchange, String type) {
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", type);
        headers.set("Cache-Control", "no-store");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set(
                "Content-Security-Policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:;"
                        + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    }
}
