package io.pageferry.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.SocketChannel;
import org.agrona.BufferUtil;
import sun.nio.ch.Net;
import sun.nio.ch.SelChImpl;

/**
 * Sends memory over a TCP socket without copying it into the kernel: {@code MSG_ZEROCOPY}. The memory is the network's
 * until {@link #awaitSome} says no. Belongs to the thread that writes; {@link #close} is its last call. While memory is
 * lent nobody may read from the channel: each completion would end that wait at once. A thread that waits here is cut
 * loose by an interrupt, which it keeps, and by {@link #cut}; either ends the connection.
 *
 * <p>The kernel may still copy, as it does where both ends are on one machine; how often is counted.
 */
final class ZeroCopyWriter implements AutoCloseable {
    /** The kernel counts sends in 32 bits, from 0 again after the last. */
    private static final long COUNT_MASK = 0xffff_ffffL;

    private final ZeroCopySocket socket;
    private final SocketWait wait;

    private long sends;
    private long completed;
    private long copied;

    /**
     * Prepares a connected socket.
     *
     * @param maxBuffers how many buffers a write has at the most
     */
    ZeroCopyWriter(SocketChannel channel, int maxBuffers) throws IOException {
        this.socket = ZeroCopySocket.of(((SelChImpl) channel).getFDVal(), maxBuffers);
        this.wait = new SocketWait(socket.descriptor(), socket::shutDown);
    }

    /**
     * Sends some of what buffers have, in order; their positions move.
     *
     * @param copy whether the memory is the caller's again when this returns
     * @return how many bytes, at least one
     */
    long write(ByteBuffer[] buffers, int first, int count, boolean copy) throws IOException {
        for (int i = 0; i < count; i++) {
            ByteBuffer buffer = buffers[first + i];
            socket.vector(i, BufferUtil.address(buffer) + buffer.position(), buffer.remaining());
        }
        long sent = send(count, copy);
        while (sent <= 0) {
            if (sent == ZeroCopySocket.NO_MEMORY) {
                awaitMemory();
            } else if (!reap()) {
                wait.await(Net.POLLOUT);
            }
            sent = send(count, copy);
        }
        if (!copy) {
            sends++;
        }
        advance(buffers, first, sent);
        // An error queue that is not empty would end every wait on the socket at once.
        reap();
        return sent;
    }

    private long send(int count, boolean copy) throws IOException {
        try {
            return socket.send(count, copy);
        } catch (IOException e) {
            if (!wait.isOpen()) {
                throw new AsynchronousCloseException();
            }
            throw e;
        }
    }

    /**
     * Waits until the network is done with some more memory.
     *
     * @return whether it still has some
     */
    boolean awaitSome() throws IOException {
        if (!isDone()) {
            awaitCompletion();
        }
        return !isDone();
    }

    /** Whether the network has said that it is done with all memory. */
    boolean isDone() {
        return completed == sends;
    }

    /** How many sends there were without copying, in one part or several. */
    long sends() {
        return sends;
    }

    /** How many of the sends that are done the kernel has copied after all. */
    long copied() {
        return copied;
    }

    /** What is under way holds the memory that the kernel would need to keep track of more. */
    private void awaitMemory() throws IOException {
        if (isDone()) {
            throw new NetException("process must be able to lock enough memory for zero-copy-send,"
                    + " raise its RLIMIT_MEMLOCK (ulimit -l) or net.core.optmem_max");
        }
        awaitCompletion();
    }

    private void awaitCompletion() throws IOException {
        if (reap()) {
            return;
        }
        // Wakes on the error queue, too.
        wait.await(Net.POLLIN);
        if (!reap() && socket.isReadable()) {
            // It would wake us again and again; and nothing is expected on a channel that only sends.
            throw new IOException("peer has closed, or spoken out of turn");
        }
    }

    /** Takes the notices that are there; returns whether there was one. */
    private boolean reap() throws IOException {
        long before = completed;
        while (socket.receiveCompletion()) {
            long range = (socket.lastCompleted() - socket.firstCompleted() + 1) & COUNT_MASK;
            completed += range;
            if (socket.wasCopied()) {
                copied += range;
            }
        }
        return completed != before;
    }

    private static void advance(ByteBuffer[] buffers, int first, long bytes) {
        long left = bytes;
        for (int i = first; left > 0; i++) {
            int step = (int) Math.min(left, buffers[i].remaining());
            buffers[i].position(buffers[i].position() + step);
            left -= step;
        }
    }

    /** Ends the connection, and whatever waits here. For any thread. */
    void shutDown() throws IOException {
        wait.close();
    }

    @Override
    public void close() {
        socket.close();
    }
}
