package io.pageferry.net.tls;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * TLS over a socket, by BoringSSL: records are decrypted straight into the reader's buffers, and encrypted straight
 * from the writer's, several to a system call. Nothing is allocated for a record.
 *
 * <p>What is native is made by {@link #begin} and given back when the transport is closed, by whoever is last inside of
 * it: a call that is under way keeps it, and none goes in afterwards. Waiting for the socket is never done with
 * {@link #engine} held, so reading and writing do not wait for each other's peers.
 */
final class BoringTransport extends TlsTransport {
    /** The most that a record carries. */
    private static final int RECORD_BYTES = 16 * 1024;

    /**
     * The most that a record is longer than what it carries: its header, and what ciphers need; with those of TLS 1.2
     * it is less than this.
     */
    private static final int MOST_OVERHEAD_BYTES = 128;

    /**
     * How many records a system call takes at the most: half a packet of pages. With 4 of them the same bytes took a
     * fifth more processor time, with 8 a tenth.
     */
    private static final int RECORDS = 16;

    /** Room for what BoringSSL sends by itself before the next record, such as the answer to a change of keys. */
    private static final int OWN_OUTPUT_BYTES = 4096;

    private static final int BUFFER_BYTES = OWN_OUTPUT_BYTES + RECORDS * (RECORD_BYTES + MOST_OVERHEAD_BYTES);

    private final X509Credentials credentials;

    /** For one thread at a time: the session. Comes after {@link #writing}. */
    private final ReentrantLock engine = new ReentrantLock();

    private BoringSession session; // guarded by engine

    // The reading thread's.
    private NativeBuffer received;
    private NativeBuffer plain;
    private boolean ended;

    /** Whether the session may have decrypted more than there was room for. */
    private boolean more;

    private NativeBuffer toSend; // guarded by writing
    private NativeBuffer gathered; // guarded by writing

    BoringTransport(SocketChannel channel, X509Credentials credentials) {
        super(channel, new TlsFaults(credentials.isServer()));
        this.credentials = credentials;
    }

    @Override
    public void begin() throws IOException {
        occupancy.enter();
        try {
            open();
            while (!handshake()) {
                if (receive(received.bytes()) < 0) {
                    throw faults.closedInHandshake();
                }
                faults.requireTls(received.bytes());
            }
        } catch (BoringException e) {
            sendAlert(this::sendPending);
            throw explain(e);
        } finally {
            occupancy.exit();
        }
    }

    private void open() throws IOException {
        engine.lock();
        try {
            session = BoringSession.open(credentials);
            received = new NativeBuffer(BUFFER_BYTES);
            received.bytes().flip();
            plain = new NativeBuffer(RECORD_BYTES);
            toSend = new NativeBuffer(BUFFER_BYTES);
            gathered = new NativeBuffer(RECORD_BYTES);
        } finally {
            engine.unlock();
        }
    }

    @Override
    void release() {
        engine.lock();
        try {
            if (session != null) {
                session.free();
            }
            for (NativeBuffer buffer : new NativeBuffer[] {received, plain, toSend, gathered}) {
                if (buffer != null) {
                    buffer.free();
                }
            }
        } finally {
            engine.unlock();
        }
    }

    /**
     * Goes on with what the peer has said, and answers.
     *
     * @return whether the handshake is done
     */
    private boolean handshake() throws IOException {
        while (true) {
            int result = continueHandshake();
            sendPending();
            switch (result) {
                case BoringSession.WANT_READ -> {
                    return false;
                }
                case BoringSession.WANT_WRITE -> {}
                case BoringSession.ENDED -> throw faults.closedInHandshake();
                default -> {
                    return true;
                }
            }
        }
    }

    private int continueHandshake() throws BoringException {
        ByteBuffer from = received.bytes();
        int whole = TlsRecord.wholeBytes(from);
        engine.lock();
        try {
            session.setInput(NativeBuffer.addressOfNext(from), whole);
            try {
                return session.handshake();
            } finally {
                from.position(from.position() + whole - session.unusedBytes());
            }
        } finally {
            engine.unlock();
        }
    }

    @Override
    public Optional<String> peerIdentity() {
        BoringSession mine = session;
        return mine == null
                ? Optional.empty()
                : mine.peer()
                        .map(certificate -> DistinguishedName.of(certificate.getSubjectX500Principal()))
                        .filter(name -> !name.isEmpty());
    }

    private TlsException explain(BoringException e) {
        return session.verifyFailure().map(faults::certificateRefused).orElseGet(() -> faults.describe(e));
    }

    @Override
    public long read(ByteBuffer[] into, int offset, int length) throws IOException {
        occupancy.enter();
        try {
            while (!ended) {
                long moved = decrypt(into, offset, length);
                if (moved > 0) {
                    return moved;
                }
                if (!ended && receive(received.bytes()) < 0) {
                    return endOfSocket(received.bytes().remaining());
                }
            }
            return ENDED;
        } catch (BoringException e) {
            sendAlert(this::sendPending);
            throw explain(e);
        } finally {
            occupancy.exit();
        }
    }

    /**
     * Takes records as long as they are there, whole, and there is room; what the last one has too much of stays in the
     * session.
     */
    private long decrypt(ByteBuffer[] into, int offset, int length) throws BoringException {
        ByteBuffer from = received.bytes();
        int whole = TlsRecord.wholeBytes(from);
        if (whole == 0 && !more) {
            return 0;
        }
        long moved = 0;
        engine.lock();
        try {
            session.setInput(NativeBuffer.addressOfNext(from), whole);
            try {
                for (int i = offset; i < offset + length; i++) {
                    while (into[i].hasRemaining()) {
                        int read = decrypt(into[i]);
                        if (read <= 0) {
                            more = false;
                            ended = read == BoringSession.ENDED;
                            return moved;
                        }
                        moved += read;
                    }
                }
                more = true;
                return moved;
            } finally {
                from.position(from.position() + whole - session.unusedBytes());
            }
        } finally {
            engine.unlock();
        }
    }

    @Override
    boolean hasUnread() {
        return more || received.bytes().hasRemaining();
    }

    private int decrypt(ByteBuffer into) throws BoringException {
        if (into.isDirect()) {
            int read = session.decrypt(NativeBuffer.addressOfNext(into), into.remaining());
            into.position(into.position() + Math.max(0, read));
            return read;
        }
        int read = session.decrypt(plain.address(), Math.min(into.remaining(), RECORD_BYTES));
        if (read > 0) {
            into.put(plain.bytes().limit(read).position(0));
        }
        return read;
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) throws IOException {
        occupancy.enter();
        writing.lock();
        try {
            long moved = encrypt(from, offset, length);
            send(toSend.bytes());
            return moved;
        } catch (BoringException e) {
            throw explain(e);
        } finally {
            writing.unlock();
            occupancy.exit();
        }
    }

    private long encrypt(ByteBuffer[] from, int offset, int length) throws BoringException {
        long moved = 0;
        int records = 0;
        int i = offset;
        engine.lock();
        try {
            session.setOutput(toSend.address(), BUFFER_BYTES);
            try {
                while (i < offset + length && records < RECORDS) {
                    ByteBuffer piece = from[i];
                    if (!piece.hasRemaining()) {
                        i++;
                    } else if (isWholeRecord(piece)) {
                        int whole = Math.min(piece.remaining() / RECORD_BYTES, RECORDS - records);
                        int bytes = whole * RECORD_BYTES;
                        session.encrypt(NativeBuffer.addressOfNext(piece), bytes);
                        piece.position(piece.position() + bytes);
                        moved += bytes;
                        records += whole;
                    } else {
                        int bytes = gather(from, i, offset + length);
                        session.encrypt(gathered.address(), bytes);
                        moved += bytes;
                        records++;
                    }
                }
            } finally {
                toSend.bytes().limit(BUFFER_BYTES - session.unusedBytes()).position(0);
            }
        } finally {
            engine.unlock();
        }
        return moved;
    }

    private static boolean isWholeRecord(ByteBuffer piece) {
        return piece.isDirect() && piece.remaining() >= RECORD_BYTES;
    }

    /**
     * Small pieces that follow each other make one record: what a record takes by itself would be more than the copying
     * is.
     */
    private int gather(ByteBuffer[] from, int first, int end) {
        ByteBuffer record = gathered.bytes().clear();
        for (int i = first; i < end && record.hasRemaining() && !isWholeRecord(from[i]); i++) {
            ByteBuffer piece = from[i];
            int bytes = Math.min(piece.remaining(), record.remaining());
            record.put(record.position(), piece, piece.position(), bytes);
            record.position(record.position() + bytes);
            piece.position(piece.position() + bytes);
        }
        return record.position();
    }

    /** Sends what the session has to send by itself, if it has anything. */
    private void sendPending() throws IOException {
        writing.lock();
        try {
            if (fetchPending()) {
                send(toSend.bytes());
            }
        } finally {
            writing.unlock();
        }
    }

    private boolean fetchPending() {
        engine.lock();
        try {
            if (!session.hasPendingOutput()) {
                return false;
            }
            session.setOutput(toSend.address(), BUFFER_BYTES);
            toSend.bytes().limit(BUFFER_BYTES - session.unusedBytes()).position(0);
            return true;
        } finally {
            engine.unlock();
        }
    }

    @Override
    void sendCloseNotify() throws IOException {
        if (session == null) {
            return;
        }
        engine.lock();
        try {
            session.setOutput(toSend.address(), BUFFER_BYTES);
            session.shutdown();
            toSend.bytes().limit(BUFFER_BYTES - session.unusedBytes()).position(0);
        } finally {
            engine.unlock();
        }
        send(toSend.bytes());
    }
}
