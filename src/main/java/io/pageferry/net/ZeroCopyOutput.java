package io.pageferry.net;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Writes to a connection from memory that the network reads when it likes, until {@link #flush}. While there is one, it
 * does all the writing. Belongs to the writing thread; {@link #close} does not close the connection.
 */
public final class ZeroCopyOutput implements AutoCloseable {
    private static final String COMPLETION = "completion of zero-copy sends";

    private final Connection connection;
    private final StallWatch.Slot slot;
    private final ZeroCopyWriter writer;
    private final ByteBuffer[] single = new ByteBuffer[1];

    ZeroCopyOutput(Connection connection, StallWatch.Slot slot, ZeroCopyWriter writer) {
        this.connection = connection;
        this.slot = slot;
        this.writer = writer;
    }

    /** Writes a buffer. It is the caller's again when this returns. */
    public void copyFully(ByteBuffer buffer, String what) throws IOException {
        single[0] = buffer;
        writeFully(single, 0, 1, buffer.remaining(), true, what);
    }

    /** Writes buffers in order, {@code count} ones of an array. Their memory is the network's. */
    public void writeFully(ByteBuffer[] buffers, int first, int count, long totalBytes, String what)
            throws IOException {
        writeFully(buffers, first, count, totalBytes, false, what);
    }

    private void writeFully(ByteBuffer[] buffers, int first, int count, long totalBytes, boolean copy, String what)
            throws IOException {
        slot.expect(what);
        try {
            connection.spend(totalBytes, slot);
            long left = totalBytes;
            int next = first;
            int end = first + count;
            while (left > 0) {
                left -= writer.write(buffers, next, end - next, copy);
                slot.progress();
                while (next < end && !buffers[next].hasRemaining()) {
                    next++;
                }
            }
            connection.addWritten(totalBytes);
        } catch (IOException e) {
            throw connection.failed(e, what);
        } finally {
            slot.done();
        }
    }

    /** Waits until the network is done with all memory. */
    public void flush() throws IOException {
        slot.expect(COMPLETION);
        try {
            while (writer.awaitSome()) {
                slot.progress();
            }
        } catch (IOException e) {
            throw connection.failed(e, COMPLETION);
        } finally {
            slot.done();
        }
    }

    /** Whether the network has said that it is done with all memory. */
    public boolean isDone() {
        return writer.isDone();
    }

    /** How many sends there were, in one part or several; those that copy do not count. */
    public long sends() {
        return writer.sends();
    }

    /** How many of the sends that are done the kernel has copied after all. */
    public long copied() {
        return writer.copied();
    }

    @Override
    public void close() {
        writer.close();
    }
}
