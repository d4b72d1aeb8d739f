package io.pageferry.net.tls;

import io.pageferry.net.Delivery;
import io.pageferry.net.SocketState;
import io.pageferry.net.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What every TLS transport does in the same way: above all how its session ends.
 *
 * <ol>
 *   <li>Our half ends by {@link #finish}, which sends close_notify, once.
 *   <li>The peer's half ends by its close_notify. Where the socket ends without one, {@link #endOfSocket} says whether
 *       that may be.
 *   <li>{@link #close} closes the socket, which wakes whoever is inside, and lets nobody in any more; what the session
 *       holds natively is given back by the last one who leaves ({@link #release}).
 * </ol>
 */
abstract class TlsTransport implements Transport {
    final SocketChannel channel;
    final TlsFaults faults;

    /** Who uses what {@link #release} gives back. */
    final UseCount occupancy = new UseCount(this::release);

    /** For who sends records: also the reading thread does, where TLS has something to answer. */
    final ReentrantLock writing = new ReentrantLock();

    private final ByteBuffer[] oneToRead = new ByteBuffer[1]; // the reading thread's
    private final ByteBuffer[] oneToWrite = new ByteBuffer[1]; // the writing thread's
    private boolean properEndRequired; // the reading thread's
    private boolean finished; // guarded by writing

    /** Written by whoever ends the input, before it does. */
    private volatile boolean inputEnded;

    /** What sends records. */
    @FunctionalInterface
    interface RecordSender {
        void send() throws IOException;
    }

    TlsTransport(SocketChannel channel, TlsFaults faults) {
        this.channel = channel;
        this.faults = faults;
    }

    /** Sends close_notify, with {@link #writing} held. Called once at the most, perhaps before the handshake. */
    abstract void sendCloseNotify() throws IOException;

    /** Gives back what is native. Called once, when the transport is closed and nobody is inside any more. */
    void release() {}

    @Override
    public final int read(ByteBuffer into) throws IOException {
        oneToRead[0] = into;
        return (int) read(oneToRead, 0, 1);
    }

    @Override
    public final int write(ByteBuffer from) throws IOException {
        oneToWrite[0] = from;
        return (int) write(oneToWrite, 0, 1);
    }

    /**
     * Reads from the socket what there is room for behind what is left of what was received.
     *
     * @param received holds something between position and limit, before and afterwards
     * @return how many bytes; {@link #ENDED}
     */
    final int receive(ByteBuffer received) throws IOException {
        received.compact();
        try {
            return channel.read(received);
        } finally {
            received.flip();
        }
    }

    /** Writes a buffer to the socket. With {@link #writing} held. */
    final void send(ByteBuffer records) throws IOException {
        while (records.hasRemaining()) {
            channel.write(records);
        }
    }

    /** Tells the peer why this is the end, if that can be done at once: what counts is the reason, which is known. */
    final void sendAlert(RecordSender sender) {
        if (!writing.tryLock()) {
            return;
        }
        try {
            sender.send();
        } catch (IOException e) {
            // It does not listen any more.
        } finally {
            writing.unlock();
        }
    }

    @Override
    public final void finish() throws IOException {
        occupancy.enter();
        writing.lock();
        try {
            if (!finished) {
                finished = true;
                sendCloseNotify();
            }
        } finally {
            writing.unlock();
            occupancy.exit();
        }
    }

    @Override
    public final void requireProperEnd() {
        properEndRequired = true;
    }

    /**
     * The socket has ended, and the peer has not sent close_notify: its machine type says whether that may be. Where it
     * may, it is between records at least.
     *
     * @param unreadBytes of a record that is not whole
     * @return {@link #ENDED}
     */
    final int endOfSocket(int unreadBytes) throws TlsException {
        if (!inputEnded) {
            if (unreadBytes > 0) {
                throw faults.closedInRecord(unreadBytes);
            }
            if (properEndRequired) {
                throw faults.truncated();
            }
        }
        return ENDED;
    }

    /** Whether it was here that reading was ended. */
    final boolean isInputEnded() {
        return inputEnded;
    }

    @Override
    public final boolean hasPeerLeft() {
        return SocketState.hasPeerEnded(channel);
    }

    /** Whether something was received, decrypted or not, that nobody has read. */
    abstract boolean hasUnread();

    @Override
    public final boolean hasInput() {
        return hasUnread() || SocketState.hasInput(channel);
    }

    @Override
    public final boolean hasRoom() {
        return SocketState.hasRoom(channel);
    }

    @Override
    public final Delivery delivery() {
        return SocketState.delivery(channel);
    }

    @Override
    public final void endOutput() throws IOException {
        finish();
        channel.shutdownOutput();
    }

    @Override
    public final void endInput() throws IOException {
        inputEnded = true;
        channel.shutdownInput();
    }

    @Override
    public final void close() throws IOException {
        try {
            channel.close(); // wakes whoever is inside
        } finally {
            occupancy.close();
        }
    }
}
