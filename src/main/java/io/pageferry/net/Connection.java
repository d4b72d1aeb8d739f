package io.pageferry.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import jdk.net.ExtendedSocketOptions;

/**
 * One connection of a migration, read and written in full by blocking calls.
 *
 * <p>One thread reads and one writes; they may be the same. {@link #close} and {@link #endInput} are for any thread,
 * and cut a blocked one loose. Each call says what it waits for, in the words that an error shall have.
 */
public final class Connection implements AutoCloseable {
    private static final String HANDSHAKE = "TLS handshake, set tls-creds on both ends or on none";

    private final Transport transport;
    private final PeerAddress peer;

    private final ConnectionInput input;
    private final ConnectionOutput output;

    private volatile Throttle throttle = Throttle.NONE;
    private SocketChannel prompt; // set before the connection is used; null where ACKs may be delayed
    private boolean begun; // the reading thread's

    Connection(Transport transport, StallWatch watch, String name, PeerAddress peer) {
        this.transport = transport;
        this.input = new ConnectionInput(this, transport, watch.slot(name, transport::delivery));
        this.output = new ConnectionOutput(this, transport, watch.slot(name, transport::delivery));
        this.peer = peer;
    }

    /** The peer's address. */
    public String peer() {
        return peer.text();
    }

    /** The peer's address without its port: all connections of one source have it in common. */
    public String host() {
        return peer.host();
    }

    /**
     * What of the peer's address nobody can choose: for limits, which one who has many addresses must not get round.
     * That of an IPv4 address is its {@link #host}, that of an IPv6 one its /64; all UNIX sockets have one.
     */
    public String network() {
        return peer.network();
    }

    /** Whether another connection may be of the same source, by its address. Over UNIX sockets all may. */
    public boolean isFromHostOf(Connection other) {
        return peer.isHostOf(other.peer);
    }

    /**
     * Who the peer has proved to be under TLS, once the connection has begun: its certificate's distinguished name, or
     * its key's user.
     */
    public Optional<String> identity() {
        return transport.peerIdentity();
    }

    /** Whom the peer's process runs as, where it has connected to a UNIX socket of ours. */
    public Optional<String> localUser() {
        return peer.user();
    }

    /** Puts the connection under another watch: who took it in is not who serves it. For the one thread that has it. */
    public void watchBy(StallWatch watch) {
        String name = name();
        removeFromWatch();
        input.slot = watch.slot(name, transport::delivery);
        output.slot = watch.slot(name, transport::delivery);
    }

    private void removeFromWatch() {
        input.slot.remove();
        output.slot.remove();
    }

    /** Has the kernel acknowledge at once what has been read: the peer may have more to say that waits for it. */
    void acknowledgeAtOnce(SocketChannel socket) {
        prompt = socket;
    }

    /** The reading thread, having read something: the kernel forgets this soon. */
    void acknowledge() throws IOException {
        if (prompt != null) {
            prompt.setOption(ExtendedSocketOptions.TCP_QUICKACK, true);
        }
    }

    /** Slows the connection down from now on: by reading later what the peer has sent, and by writing later. */
    public void throttleBy(Throttle newThrottle) {
        throttle = newThrottle;
    }

    /** Waits until so many bytes are paid for. Meanwhile it is us whom the peer has to wait for. */
    void spend(long bytes, StallWatch.Slot slot) throws ClosedByInterruptException {
        if (throttle == Throttle.NONE) {
            return;
        }
        StallWatch.Slot.Pause pause = slot.pause();
        try {
            throttle.spend(bytes);
        } catch (InterruptedException e) {
            // As in a socket.
            close();
            Thread.currentThread().interrupt();
            throw new ClosedByInterruptException();
        } finally {
            pause.end();
        }
    }

    /** Says which channel of the migration this connection is, for messages: {@code channel=3}. */
    public void name(String name) {
        input.slot.owner(name);
        output.slot.owner(name);
    }

    public String name() {
        return input.slot.owner();
    }

    public long bytesRead() {
        return input.bytesRead();
    }

    public long bytesWritten() {
        return output.bytesWritten();
    }

    /**
     * Does what both ends must do before the first byte: a handshake, where there is TLS, which has one deadline for
     * all of it. Nothing is done the second time.
     */
    public void begin() throws IOException {
        if (begun) {
            return;
        }
        input.slot.expect(HANDSHAKE);
        try {
            transport.begin();
            begun = true;
        } catch (IOException e) {
            throw failed(e, HANDSHAKE);
        } finally {
            input.slot.done();
        }
    }

    /**
     * From now on the peer must say that it ends before it closes, where there is a way to say so; if it does not,
     * somebody else may have cut the connection. The reading thread's.
     */
    public void requireProperEnd() {
        transport.requireProperEnd();
    }

    /**
     * Looks at what comes next and leaves it to be read.
     *
     * @return at least so many bytes, from position to limit
     */
    public ByteBuffer peek(int leastBytes, String what) throws IOException {
        return input.peek(leastBytes, what);
    }

    /**
     * Looks at all that has come by now and leaves it to be read; waits for nothing but the rest of a TLS record.
     *
     * @return from position to limit; no more than the last time where nothing has come, or the peer has ended
     */
    public ByteBuffer peekWithoutWaiting(String what) throws IOException {
        return input.peekWithoutWaiting(what);
    }

    /** Fills a buffer. The peer's end before that is an error. */
    public void readFully(ByteBuffer buffer, String what) throws IOException {
        input.readFully(buffer, what);
    }

    /**
     * Fills a buffer with device state, which counts as what a migration is there for. The peer's end before that is an
     * error.
     */
    public void readDeviceState(ByteBuffer buffer, String what) throws IOException {
        input.readDeviceState(buffer, what);
    }

    /**
     * Says that so much of what was read was pages or device state, where that is not known already. The reading
     * thread's.
     */
    public void broughtPayload(long bytes) {
        input.slot.payload(bytes);
    }

    /**
     * Fills a buffer, unless the peer has ended before its first byte.
     *
     * @return false where it has
     */
    public boolean readFullyOrEnd(ByteBuffer buffer, String what) throws IOException {
        return input.readFullyOrEnd(buffer, what);
    }

    /**
     * Waits for a new message and reads its beginning, unless the peer ends instead. Until its first byte the peer may
     * be quiet.
     *
     * @param buffer takes what is there, if that is more than the beginning
     * @param leastBytes how long the beginning is
     * @return false where the peer has ended
     */
    public boolean awaitMessage(ByteBuffer buffer, int leastBytes, String what) throws IOException {
        return input.awaitMessage(buffer, leastBytes, what);
    }

    /**
     * Reads what is there, at least one byte; the peer may be busy elsewhere until then.
     *
     * @return how many bytes, or -1 where the peer has ended
     */
    public int readSome(ByteBuffer buffer, String what) throws IOException {
        return input.readSome(buffer, what);
    }

    /**
     * The same, where the peer may pause for as long as it takes what is said to it, which must be something all the
     * time.
     */
    public int readSomeAfterPause(ByteBuffer buffer, String what) throws IOException {
        return input.readSomeAfterPause(buffer, what);
    }

    /**
     * Reads what is there, at least one byte; the peer may have nothing to say until it is demanded. -1: it has ended.
     */
    public int readWhenSaid(ByteBuffer buffer, String what) throws IOException {
        return input.readWhenSaid(buffer, what);
    }

    /**
     * Waits for the peer to end a connection on which it has nothing to say, for as long as that takes.
     *
     * @throws NetException where it says something, or the connection breaks
     */
    public void awaitEnd() throws IOException {
        input.awaitEnd();
    }

    /**
     * Fills buffers in order with page data, the first {@code count} ones of an array. The peer's end before that is an
     * error.
     */
    public void readFully(ByteBuffer[] buffers, int count, long totalBytes, String what) throws IOException {
        input.readFully(buffers, count, totalBytes, what);
    }

    /** Writes a buffer. */
    public void writeFully(ByteBuffer buffer, String what) throws IOException {
        output.writeFully(buffer, what);
    }

    /**
     * Writes a message of a few bytes where there is room for it right now, so nobody waits. That it is taken is no
     * sign of the peer's, and counts against no deadline. The writing thread's.
     *
     * @return false where there is none
     */
    public boolean offer(ByteBuffer message, String what) throws IOException {
        return output.offer(message, what);
    }

    /** Writes buffers in order, the first {@code count} ones of an array. */
    public void writeFully(ByteBuffer[] buffers, int count, long totalBytes, String what) throws IOException {
        output.writeFully(buffers, count, totalBytes, what);
    }

    /**
     * Where nothing is between the connection and its TCP socket, writes without copying.
     *
     * @param maxBuffers how many buffers a write has at the most
     * @throws NetException where the socket cannot
     */
    public ZeroCopyOutput zeroCopyOutput(int maxBuffers) throws IOException {
        if (!(transport instanceof PlainTransport plain)) {
            throw new IllegalStateException("what is encrypted is copied");
        }
        return new ZeroCopyOutput(this, output.slot, plain.zeroCopyWriter(maxBuffers));
    }

    void addWritten(long bytes) {
        output.addWritten(bytes);
    }

    /**
     * Says that the reading thread is at work on what it has read, until {@link #endWork}. Whatever the peer has to say
     * on any connection may have to wait for that.
     */
    public void beginWork() {
        input.slot.busy();
    }

    public void endWork() {
        input.slot.worked();
    }

    /** Whether the peer has ended the connection, behind all that it has sent and nobody has read. For any thread. */
    public boolean hasPeerLeft() {
        return transport.hasPeerLeft();
    }

    /** How far what was written has got. For any thread. */
    public Delivery delivery() {
        return transport.delivery();
    }

    /** Ends reading, here only: whoever reads finds the peer's end. For any thread. */
    public void endInput() throws IOException {
        try {
            transport.endInput();
        } catch (ClosedChannelException e) {
            // Ended already, more thoroughly.
        }
    }

    /**
     * Tells the peer that all has been written, where there is a way to say so. What it says can still be read. That it
     * has gone in the meantime does not matter: what it has taken it has confirmed.
     */
    public void finish() throws ClosedChannelException {
        output.finish();
    }

    /** Ends writing, and tells the peer so; what it says can still be read. */
    public void endOutput() throws IOException {
        output.endOutput();
    }

    /** Closes the connection, whatever is going on in it. For any thread. */
    @Override
    public void close() {
        removeFromWatch();
        try {
            transport.close();
        } catch (IOException e) {
            // Nothing of ours is lost: what had to arrive was confirmed, or the migration has failed before.
        }
    }

    /** What an error of the network is to be called; our own closing and interrupting stay what they are. */
    IOException failed(IOException e, String what) {
        if (e instanceof ClosedByInterruptException
                || e instanceof ClosedChannelException
                || e instanceof NetException) {
            return e;
        }
        if (e instanceof TransportException fault) {
            return fault.of(name(), peer.text());
        }
        return new NetException(
                "connection must not break: " + name() + " during=\"" + what + "\" reason=\"" + e.getMessage() + "\"",
                e);
    }
}
