package io.pageferry.control.qmp;

import io.pageferry.net.Connection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * What a client has yet to be told. One thread writes it, in the order in which it was put in.
 *
 * <p>Events come from any thread, which never waits: a client that leaves too many unread is closed before one would be
 * lost. Answers come from the session's thread, and that waits: a client that does not take its answers has no more
 * commands read, however long an answer is. One that takes nothing at all for too long is closed.
 */
final class Outbox {
    /** Events' bytes at the most that wait for a client: some ten thousand of them. */
    static final int MAX_EVENT_BYTES = 4 << 20;

    /** Answers' bytes at the most that wait while further commands are read: a client may say many before it reads. */
    static final int MAX_ANSWER_BYTES = 1 << 18;

    /** What is written at once, and has a deadline of its own. */
    static final int CHUNK_BYTES = 1 << 16;

    private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);

    private final Connection connection;
    private final Duration writeTimeout;

    // Guarded by this.
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private int eventBytes;
    private int answerBytes;
    private boolean ended;

    private record Waiting(Message message, boolean answer) {}

    Outbox(Connection connection, Duration writeTimeout) {
        this.connection = connection;
        this.writeTimeout = writeTimeout;
    }

    /** Tells of an event. A client that has read too little to get it is closed. For any thread. */
    void event(JsonNode json) {
        Message event = Message.of(json);
        synchronized (this) {
            if (ended) {
                return;
            }
            if (eventBytes + event.waitingBytes() <= MAX_EVENT_BYTES) {
                eventBytes += event.waitingBytes();
                waiting.add(new Waiting(event, false));
                notifyAll();
                return;
            }
        }
        giveUp();
    }

    /**
     * Answers a command, and waits until the client has taken so much of its answers that it may have more of them. How
     * long that may take, the writing thread's deadlines say. The session's thread.
     */
    synchronized void answer(Message answer) {
        if (ended) {
            return;
        }
        waiting.add(new Waiting(answer, true));
        answerBytes += answer.waitingBytes();
        notifyAll();
        try {
            while (answerBytes > MAX_ANSWER_BYTES && !ended) {
                wait();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("session must be closed, and not interrupted", e);
        }
    }

    /** There is no more to come; what is there is still written. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    /** The client is closed, and told nothing more. */
    private void giveUp() {
        synchronized (this) {
            ended = true;
            waiting.clear();
            notifyAll();
        }
        connection.close(); // the reading thread ends with it
    }

    /** The writing thread: writes until the end. */
    void writeAll() {
        try {
            for (Waiting next = next(); next != null; next = next()) {
                write(next.message());
                written(next);
            }
        } catch (IOException e) {
            LOG.debug("QMP client is gone: reason=\"{}\"", e.getMessage());
            giveUp();
        } catch (InterruptedException e) {
            throw new IllegalStateException("outbox must be ended, and not interrupted", e);
        } catch (RuntimeException | Error e) {
            LOG.error("QMP message must not fail by a fault of ours: peer={}", connection.peer(), e);
            giveUp();
        }
    }

    private synchronized Waiting next() throws InterruptedException {
        while (waiting.isEmpty() && !ended) {
            wait();
        }
        return waiting.poll();
    }

    private synchronized void written(Waiting one) {
        if (one.answer()) {
            answerBytes -= one.message().waitingBytes();
            notifyAll();
        } else {
            eventBytes -= one.message().waitingBytes();
        }
    }

    private void write(Message message) throws IOException {
        ByteArrayOutputStream chunk = new ByteArrayOutputStream();
        while (message.pieces().hasNext()) {
            chunk.writeBytes(message.pieces().next());
            if (chunk.size() >= CHUNK_BYTES) {
                write(chunk);
            }
        }
        write(chunk);
    }

    private void write(ByteArrayOutputStream collected) throws IOException {
        byte[] bytes = collected.toByteArray();
        collected.reset();
        for (int at = 0; at < bytes.length; at += CHUNK_BYTES) {
            try (Deadline _ = Deadline.of(connection, writeTimeout)) {
                int length = Math.min(CHUNK_BYTES, bytes.length - at);
                connection.writeFully(ByteBuffer.wrap(bytes, at, length), "QMP message");
            }
        }
    }
}
