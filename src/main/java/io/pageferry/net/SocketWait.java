package io.pageferry.net;

import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import jdk.internal.access.SharedSecrets;
import sun.nio.ch.SelChImpl;
import sun.nio.ch.SelectionKeyImpl;

/**
 * Waits of one thread for a socket that is used by its descriptor, past the JDK. They end as those in a
 * {@code SocketChannel} do: by what is awaited, by an interrupt of the waiting thread, or by {@link #close}, which is
 * for any thread. The last two shut the socket down, whatever its other descriptors are, and that is seen by a wait
 * that begins too late to be told of: so none is ever missed, on virtual threads and on platform ones, and none has to
 * look up now and then.
 */
final class SocketWait extends AbstractInterruptibleChannel implements SelChImpl {
    private final FileDescriptor file = new FileDescriptor();
    private final int descriptor;
    private final Runnable shutdown;

    /**
     * Makes one that is open.
     *
     * @param shutdown shuts the socket down, both ways; called once at the most, by any thread, possibly when the
     *     descriptor is closed
     */
    SocketWait(int descriptor, Runnable shutdown) {
        this.descriptor = descriptor;
        this.shutdown = shutdown;
        SharedSecrets.getJavaIOFileDescriptorAccess().set(file, descriptor);
    }

    /**
     * Waits for an event, or for an error or notice that the socket has. May come back for no reason.
     *
     * @throws java.nio.channels.ClosedByInterruptException where the thread is interrupted, which it stays
     * @throws java.nio.channels.AsynchronousCloseException where this is closed
     */
    void await(int event) throws IOException {
        begin();
        try {
            park(event);
        } finally {
            end(isOpen());
        }
    }

    @Override
    protected void implCloseChannel() {
        shutdown.run();
    }

    @Override
    public FileDescriptor getFD() {
        return file;
    }

    @Override
    public int getFDVal() {
        return descriptor;
    }

    @Override
    public boolean translateAndUpdateReadyOps(int ops, SelectionKeyImpl key) {
        throw new UnsupportedOperationException("no selector has this");
    }

    @Override
    public boolean translateAndSetReadyOps(int ops, SelectionKeyImpl key) {
        throw new UnsupportedOperationException("no selector has this");
    }

    @Override
    public int translateInterestOps(int ops) {
        throw new UnsupportedOperationException("no selector has this");
    }

    @Override
    public void kill() {
        throw new UnsupportedOperationException("no selector has this");
    }
}
