package io.pageferry.qemu;

import io.pageferry.testing.Eventually;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/** One QMP session. Commands are for one thread at a time; a thread of its own reads, and tells answers from events. */
public final class QmpClient implements AutoCloseable {
    private static final ObjectMapper MAPPER = JsonMapper.builder().build();
    private static final JsonNode END = MAPPER.createObjectNode();

    private final SocketChannel channel;
    private final BlockingQueue<JsonNode> answers = new LinkedBlockingQueue<>();
    private final BlockingQueue<JsonNode> events = new LinkedBlockingQueue<>();

    /** Takes a connected channel, waits for the greeting and ends the negotiation. */
    public QmpClient(SocketChannel channel) {
        this.channel = channel;
        Thread.ofVirtual().name("qmp-reader").start(this::readAll);
        if (!next(answers, "greeting").has("QMP")) {
            throw new QmpException("QMP session must begin with its greeting");
        }
        execute("qmp_capabilities", Map.of());
    }

    public JsonNode execute(String command) {
        return execute(command, Map.of());
    }

    /**
     * Executes a command and returns what it returns.
     *
     * @throws QmpException with QEMU's own words, where it refuses
     */
    public JsonNode execute(String command, Map<String, ?> arguments) {
        byte[] request = MAPPER.writeValueAsBytes(Map.of("execute", command, "arguments", arguments));
        try {
            ByteBuffer bytes = ByteBuffer.wrap(request);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw new QmpException("monitor must take a command: command=" + command, e);
        }
        JsonNode answer = next(answers, command);
        if (answer.has("error")) {
            throw new QmpException("QEMU must obey: command=" + command + " arguments=" + arguments + " error=\""
                    + answer.path("error").path("desc").asString() + "\"");
        }
        return answer.path("return");
    }

    /** Waits for the next event of a name; others that come before it are dropped. Returns its data. */
    public JsonNode awaitEvent(String name) {
        while (true) {
            JsonNode event = next(events, "event " + name);
            if (event.path("event").asString().equals(name)) {
                return event.path("data");
            }
        }
    }

    private static JsonNode next(BlockingQueue<JsonNode> queue, String what) {
        try {
            JsonNode message = queue.poll(Eventually.DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
            if (message == null) {
                throw new QmpException("monitor must answer in time: awaited=\"" + what + "\"");
            }
            if (message == END) {
                queue.add(END);
                throw new QmpException("monitor must not close: awaited=\"" + what + "\"");
            }
            return message;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new QmpException("interrupted: awaited=\"" + what + "\"", e);
        }
    }

    private void readAll() {
        try (BufferedReader reader = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                JsonNode message = MAPPER.readTree(line);
                (message.has("event") ? events : answers).add(message);
            }
        } catch (IOException e) {
            // The QEMU is gone, or the session closed: either way it has ended.
        } finally {
            answers.add(END);
            events.add(END);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // Nothing is lost with it.
        }
    }
}
