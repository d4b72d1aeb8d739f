package io.pageferry.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/** A QMP client that sends bytes as they are, well-formed or not, and sees every line that comes back. One thread's. */
public final class QmpLines implements AutoCloseable {
    private static final ObjectMapper MAPPER = JsonMapper.builder().build();
    private static final String END = "";

    private final SocketChannel channel;
    private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final Queue<JsonNode> events = new ArrayDeque<>();
    private int syncs;

    private QmpLines(SocketChannel channel) {
        this.channel = channel;
        Thread.ofVirtual().name("qmp-lines").start(this::readAll);
    }

    public static QmpLines connect(Path socket) throws IOException {
        return connect(UnixDomainSocketAddress.of(socket));
    }

    public static QmpLines connect(String host, int port) throws IOException {
        return connect(new InetSocketAddress(host, port));
    }

    private static QmpLines connect(SocketAddress address) throws IOException {
        return new QmpLines(SocketChannel.open(address));
    }

    /** A session whose greeting was read and whose negotiation is done. */
    public static QmpLines negotiated(Path socket) throws IOException {
        QmpLines client = connect(socket);
        client.next();
        client.execute("qmp_capabilities", "{}");
        return client;
    }

    public void send(String text) throws IOException {
        send(text.getBytes(StandardCharsets.UTF_8));
    }

    public void send(byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    /** The next message; an empty line stands for the end of the session. */
    public String nextLine() {
        try {
            String line = lines.poll(Eventually.DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
            if (line == null) {
                throw new AssertionError("QMP session must say something in time");
            }
            return line;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    public JsonNode next() {
        return MAPPER.readTree(nextLine());
    }

    /**
     * What comes back for some bytes, in order, events too: all up to the answer of a command of our own that is sent
     * behind them.
     */
    public List<JsonNode> ask(byte[] bytes) throws IOException {
        String sync = "sync-" + ++syncs;
        send(bytes);
        send("\n{\"execute\": \"query-version\", \"id\": \"" + sync + "\"}\n");
        List<JsonNode> answers = new ArrayList<>();
        for (JsonNode next = next(); !next.path("id").asString("").equals(sync); next = next()) {
            answers.add(next);
        }
        return answers;
    }

    /** Executes one command and returns its answer, past events, which are kept. */
    public JsonNode execute(String command, String arguments) throws IOException {
        send("{\"execute\": \"" + command + "\", \"arguments\": " + arguments + "}\n");
        JsonNode answer = next();
        while (answer.has("event")) {
            events.add(answer);
            answer = next();
        }
        return answer;
    }

    /** The same for one that must succeed; returns what it returns. */
    public JsonNode obey(String command, String arguments) throws IOException {
        JsonNode answer = execute(command, arguments);
        if (!answer.has("return")) {
            throw new AssertionError(command + " " + arguments + " must be obeyed: " + answer);
        }
        return answer.get("return");
    }

    /** Reads events up to one of a state of the migration, that included. */
    public List<JsonNode> eventsUntil(String status) {
        List<JsonNode> seen = new ArrayList<>();
        while (true) {
            JsonNode next = events.isEmpty() ? next() : events.remove();
            if (next.has("event")) {
                seen.add(next);
                if (next.path("data").path("status").asString("").equals(status)) {
                    return seen;
                }
            }
        }
    }

    private void readAll() {
        try (BufferedReader reader = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(line);
            }
        } catch (IOException e) {
            // Closed, by either end.
        } finally {
            lines.add(END);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** A client that never reads. */
    public static Deaf deaf(Path socket) throws IOException {
        return new Deaf(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
    }

    /** A client that never reads. */
    public record Deaf(SocketChannel channel) implements AutoCloseable {
        public void send(String text) throws IOException {
            channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        }

        /** Says something again and again, until the other end does not want to hear it any more. */
        public void sendUntilClosed(String text, long mostBytes) {
            byte[] bytes = text.repeat(64).getBytes(StandardCharsets.UTF_8);
            try {
                for (long sent = 0; sent < mostBytes; ) {
                    sent += channel.write(ByteBuffer.wrap(bytes));
                }
            } catch (IOException e) {
                return;
            }
            throw new AssertionError("client that does not read must be closed: sent=" + mostBytes);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
