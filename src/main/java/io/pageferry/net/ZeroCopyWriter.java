package io.pageferry.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.agrona.BufferUtil;
import sun.nio.ch.Net;
import sun.nio.ch.SelChImpl;

/**
 * Sends memory over a TCP socket without copying it into the kernel: {@code MSG_ZEROCOPY}. The memory is the network's until {@link #flush}. Belongs to the
 * thread that writes; {@link #close} is its last call.
 *
 * <p>The kernel may still copy, as it does where both ends are on one machine; how often is counted.
 */
final class ZeroCopyWriter implements AutoCloseable {
    private final SocketChannel channel;
    private final ZeroCopySocket socket;

    private long sends;
    private long completed;
    private long copied;

    /**
     * Prepares a connected socket.
     *
     * @param maxBuffers how many buffers a write has at the most
     */
    ZeroCopyWriter(SocketChannel channel, int maxBuffers) throws IOException {
        this.channel = channel;
        this.socket = ZeroCopySocket.of(((SelChImpl) channel).getFDVal(), maxBuffers);
    }

    /**
     * Sends what fits the socket now, from buffers in order; their positions move.
     *
     * @return how many bytes; 0 where nothing fits, and the caller must wait
     */
    long write(ByteBuffer[] buffers, int first, int count) throws IOException, InterruptedException {
        for (int i = 0; i < count; i++) {
            ByteBuffer buffer = buffers[first + i];
            socket.vector(i, BufferUtil.address(buffer) + buffer.position(), buffer.remaining());
        }
        long sent = socket.send(count);
        while (sent == ZeroCopySocket.NO_MEMORY && completed < sends) {
            // What is under way holds the memory that the kernel would need to keep track of more.
            awaitCompletion();
            sent = socket.send(count);
        }
        if (sent == ZeroCopySocket.NO_MEMORY) {
            throw new NetException("process must be able to lock enough memory for zero-copy-send,"
                    + " raise its RLIMIT_MEMLOCK (ulimit -l) or net.core.optmem_max");
        }
        if (sent > 0) {
            sends++;
            advance(buffers, first, sent);
        }
        reap();
        return sent;
    }

    /** Waits until the network is done with all memory. */
    void flush() throws IOException, InterruptedException {
        reap();
        while (completed < sends) {
            awaitCompletion();
        }
    }

    /** How many sends the kernel has copied after all. */
    long copied() {
        return copied;
    }

    private void awaitCompletion() throws IOException, InterruptedException {
        long before = completed;
        reap();
        if (completed == before) {
            // Wakes on the error queue, too: nothing else comes on a channel that only sends.
            ((SelChImpl) channel).park(Net.POLLIN);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    private void reap() throws IOException {
        while (socket.receiveCompletion()) {
            long range = socket.lastCompleted() - socket.firstCompleted() + 1;
            completed += range;
            if (socket.wasCopied()) {
                copied += range;
            }
        }
    }

    private static void advance(ByteBuffer[] buffers, int first, long bytes) {
        long left = bytes;
        for (int i = first; left > 0; i++) {
            int step = (int) Math.min(left, buffers[i].remaining());
            buffers[i].position(buffers[i].position() + step);
            left -= step;
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
