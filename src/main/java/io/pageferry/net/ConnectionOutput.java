package io.pageferry.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;

/**
 * The half of a {@link Connection} that writes: whole messages, by blocking calls, each of which has its deadline.
 * Belongs to the writing thread.
 */
final class ConnectionOutput extends ConnectionHalf {
    private static final String END = "end of stream";

    private long bytesWritten;

    ConnectionOutput(Connection connection, Transport transport, StallWatch.Slot slot) {
        super(connection, transport, slot);
    }

    long bytesWritten() {
        return bytesWritten;
    }

    void addWritten(long bytes) {
        bytesWritten += bytes;
    }

    void writeFully(ByteBuffer buffer, String what) throws IOException {
        slot.expect(what);
        try {
            connection.spend(buffer.remaining(), slot);
            while (buffer.hasRemaining()) {
                bytesWritten += transport.write(buffer);
                slot.progress();
            }
        } catch (IOException e) {
            throw connection.failed(e, what);
        } finally {
            slot.done();
        }
    }

    boolean offer(ByteBuffer message, String what) throws IOException {
        if (!transport.hasRoom()) {
            return false;
        }
        try {
            while (message.hasRemaining()) {
                bytesWritten += transport.write(message);
            }
            return true;
        } catch (IOException e) {
            throw connection.failed(e, what);
        }
    }

    void writeFully(ByteBuffer[] buffers, int count, long totalBytes, String what) throws IOException {
        slot.expect(what);
        try {
            connection.spend(totalBytes, slot);
            long left = totalBytes;
            int first = 0;
            while (left > 0) {
                long written = transport.write(buffers, first, count - first);
                left -= written;
                bytesWritten += written;
                slot.progress();
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

    void finish() throws ClosedChannelException {
        slot.expect(END);
        try {
            transport.finish();
        } catch (ClosedChannelException e) {
            throw e;
        } catch (IOException e) {
            // It has gone.
        } finally {
            slot.done();
        }
    }

    void endOutput() throws IOException {
        try {
            transport.endOutput();
        } catch (IOException e) {
            throw connection.failed(e, END);
        }
    }
}
