package io.pageferry.control.qmp;

import io.pageferry.net.Connection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import tools.jackson.databind.JsonNode;

/**
 * What a client has yet to be told. Any thread puts messages in, without waiting; one thread writes them, in that order.
 *
 * <p>Nothing is dropped that a client waits for: one that leaves too much unread, or takes nothing for too long, is closed.
 */
final class Outbox {
    /** Bytes at the most that wait for a client: many times the longest answer. */
    static final int MAX_WAITING_BYTES = 4 << 20;

    private final Connection connection;
    private final Duration writeTimeout;
    private final Deque<byte[]> waiting = new ArrayDeque<>(); // guarded by this
    private int waitingBytes; // guarded by this
    private boolean ended; // guarded by this

    Outbox(Connection connection, Duration writeTimeout) {
        this.connection = connection;
        this.writeTimeout = writeTimeout;
    }

    /** Puts a message in. A client that has read too little to get it is closed. */
    void put(JsonNode message) {
        byte[] line = QmpJson.line(message);
        synchronized (this) {
            if (ended) {
                return;
            }
            if (waitingBytes + line.length <= MAX_WAITING_BYTES) {
                waiting.add(line);
                waitingBytes += line.length;
                notifyAll();
                return;
            }
            ended = true;
            waiting.clear();
            notifyAll();
        }
        connection.close();
    }

    /** There is no more to come; what is there is still written. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    /** The writing thread: writes until the end. */
    void writeAll() {
        try {
            for (byte[] line = next(); line != null; line = next()) {
                write(ByteBuffer.wrap(line));
            }
        } catch (IOException e) {
            connection.close(); // the reading thread ends with it
        } catch (InterruptedException e) {
            throw new IllegalStateException("outbox must be ended, and not interrupted", e);
        }
    }

    private synchronized byte[] next() throws InterruptedException {
        while (waiting.isEmpty() && !ended) {
            wait();
        }
        byte[] line = waiting.poll();
        waitingBytes -= line == null ? 0 : line.length;
        return line;
    }

    private void write(ByteBuffer line) throws IOException {
        try (Deadline _ = Deadline.of(connection, writeTimeout)) {
            connection.writeFully(line, "QMP message");
        }
    }
}
