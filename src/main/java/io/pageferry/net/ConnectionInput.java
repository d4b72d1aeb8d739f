package io.pageferry.net;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The half of a {@link Connection} that reads: whole messages, by blocking calls, each of which has its deadline.
 * Belongs to the reading thread.
 */
final class ConnectionInput extends ConnectionHalf {
    /** As much as a record of TLS has. */
    private static final int RECORD_BYTES = 16 * 1024;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** What was looked at and not yet read. */
    private ByteBuffer ahead = NOTHING;

    private long bytesRead;

    ConnectionInput(Connection connection, Transport transport, StallWatch.Slot slot) {
        super(connection, transport, slot);
    }

    long bytesRead() {
        return bytesRead;
    }

    ByteBuffer peek(int leastBytes, String what) throws IOException {
        slot.expect(what);
        try {
            while (ahead.remaining() < leastBytes) {
                if (!readAhead(Math.max(leastBytes, 2 * ahead.remaining()))) {
                    throw ahead.hasRemaining()
                            ? closedInside(what, ahead.remaining(), leastBytes - ahead.remaining())
                            : closedBefore(what);
                }
            }
            return ahead.asReadOnlyBuffer();
        } catch (IOException e) {
            throw connection.failed(e, what);
        } finally {
            slot.done();
        }
    }

    ByteBuffer peekWithoutWaiting(String what) throws IOException {
        slot.expect(what);
        try {
            if (transport.hasInput()) {
                readAhead(ahead.remaining() + RECORD_BYTES);
            }
            return ahead.asReadOnlyBuffer();
        } catch (IOException e) {
            throw connection.failed(e, what);
        } finally {
            slot.done();
        }
    }

    /** Reads once. What is looked at is heard when it is read. */
    private boolean readAhead(int room) throws IOException {
        ByteBuffer more = ByteBuffer.allocate(room).put(ahead);
        int read = transport.read(more);
        ahead = more.flip();
        if (read > 0) {
            slot.progress();
        }
        return read >= 0;
    }

    void readFully(ByteBuffer buffer, String what) throws IOException {
        if (!readFullyOrEnd(buffer, what)) {
            throw closedBefore(what);
        }
    }

    void readDeviceState(ByteBuffer buffer, String what) throws IOException {
        slot.expect(what);
        try {
            while (buffer.hasRemaining()) {
                int read = read(buffer, what);
                if (read < 0) {
                    throw closedInside(what, buffer.position(), buffer.remaining());
                }
                slot.payload(read);
            }
        } finally {
            slot.done();
        }
    }

    boolean readFullyOrEnd(ByteBuffer buffer, String what) throws IOException {
        slot.expect(what);
        try {
            return fill(buffer, what);
        } finally {
            slot.done();
        }
    }

    boolean awaitMessage(ByteBuffer buffer, int leastBytes, String what) throws IOException {
        slot.quiet(what);
        try {
            int start = buffer.position();
            while (buffer.position() - start < leastBytes) {
                if (read(buffer, what) < 0) {
                    if (buffer.position() == start) {
                        return false;
                    }
                    throw closedInside(what, buffer.position() - start, leastBytes - (buffer.position() - start));
                }
                slot.expect(what);
            }
            return true;
        } finally {
            slot.done();
        }
    }

    int readSome(ByteBuffer buffer, String what) throws IOException {
        slot.idle(what);
        try {
            return read(buffer, what);
        } finally {
            slot.done();
        }
    }

    int readSomeAfterPause(ByteBuffer buffer, String what) throws IOException {
        slot.pausable(what);
        try {
            return read(buffer, what);
        } finally {
            slot.done();
        }
    }

    int readWhenSaid(ByteBuffer buffer, String what) throws IOException {
        slot.quiet(what);
        try {
            return read(buffer, what);
        } finally {
            slot.done();
        }
    }

    void awaitEnd() throws IOException {
        if (read(ByteBuffer.allocateDirect(1), "end of stream") > 0) {
            throw new NetException("peer must not speak where it is only to listen: " + connection.name());
        }
    }

    void readFully(ByteBuffer[] buffers, int count, long totalBytes, String what) throws IOException {
        slot.expect(what);
        try {
            long left = totalBytes;
            int first = 0;
            while (left > 0) {
                long read = ahead.hasRemaining()
                        ? takeAhead(buffers[first])
                        : transport.read(buffers, first, count - first);
                if (read < 0) {
                    throw closedInside(what, totalBytes - left, left);
                }
                left -= read;
                bytesRead += read;
                if (read > 0) {
                    slot.payload(read);
                    slot.heard(read);
                    connection.spend(read, slot);
                }
                while (first < count && !buffers[first].hasRemaining()) {
                    first++;
                }
            }
        } catch (IOException e) {
            throw connection.failed(e, what);
        } finally {
            slot.done();
        }
    }

    private boolean fill(ByteBuffer buffer, String what) throws IOException {
        int start = buffer.position();
        while (buffer.hasRemaining()) {
            if (read(buffer, what) < 0) {
                if (buffer.position() == start) {
                    return false;
                }
                throw closedInside(what, buffer.position() - start, buffer.remaining());
            }
        }
        return true;
    }

    private int read(ByteBuffer buffer, String what) throws IOException {
        try {
            int read = ahead.hasRemaining() ? takeAhead(buffer) : transport.read(buffer);
            if (read > 0) {
                bytesRead += read;
                slot.heard(read);
                connection.acknowledge();
                connection.spend(read, slot);
            }
            return read;
        } catch (IOException e) {
            throw connection.failed(e, what);
        }
    }

    private int takeAhead(ByteBuffer into) {
        int taken = Math.min(ahead.remaining(), into.remaining());
        into.put(into.position(), ahead, ahead.position(), taken);
        into.position(into.position() + taken);
        ahead.position(ahead.position() + taken);
        if (!ahead.hasRemaining()) {
            ahead = NOTHING;
        }
        return taken;
    }

    private NetException closedBefore(String what) {
        return new NetException(
                "peer must not close before its message is whole: " + connection.name() + " awaited=\"" + what + "\"");
    }

    private NetException closedInside(String what, long got, long missing) {
        return new NetException("peer must not close inside a message: " + connection.name() + " awaited=\"" + what
                + "\" got=" + got + " missing=" + missing);
    }
}
