package io.pageferry.control.qmp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/**
 * What a client has yet to be told. Any thread puts messages in, without waiting; one thread writes them, in that order.
 *
 * <p>Nothing is dropped that a client waits for: one that leaves too much unread, or takes nothing for too long, is closed.
 */
final class Outbox {
    /** Bytes at the most that wait for a client: many times the longest answer. */
    static final int MAX_WAITING_BYTES = 4 << 20;

    /** How long a client may take for a message. */
    static final Duration WRITE_TIMEOUT = Duration.ofSeconds(30);

    private final SocketChannel channel;
    private final Duration writeTimeout;
    private final Deque<byte[]> waiting = new ArrayDeque<>(); // guarded by this
    private int waitingBytes; // guarded by this
    private boolean ended; // guarded by this

    Outbox(SocketChannel channel, Duration writeTimeout) {
        this.channel = channel;
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
        closeChannel();
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
            closeChannel(); // the reading thread ends with it
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
        CompletableFuture<Void> written = new CompletableFuture<>();
        written.orTimeout(writeTimeout.toNanos(), TimeUnit.NANOSECONDS).exceptionally(_ -> {
            closeChannel();
            return null;
        });
        while (line.hasRemaining()) {
            channel.write(line);
        }
        written.complete(null);
    }

    private void closeChannel() {
        try {
            channel.close();
        } catch (IOException e) {
            // It was to be gone, and is.
        }
    }
}
