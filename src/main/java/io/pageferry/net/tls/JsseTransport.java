package io.pageferry.net.tls;

import io.pageferry.net.SocketState;
import io.pageferry.net.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * TLS over a socket, by JSSE's engine: records are unwrapped straight into the reader's buffers, and wrapped straight
 * from the writer's.
 *
 * <p>What is encrypted passes through buffers on the heap, the only ones of a migration: AES-GCM works on arrays, and
 * takes twice as long, and twice the garbage, where it must copy from direct memory first. All else is off-heap as
 * ever.
 *
 * <p>The reading thread writes too, where TLS 1.3 asks for an answer to a change of keys, so writing has a lock.
 */
final class JsseTransport implements Transport {
    /** Of those that fit a buffer: more of them save system calls, but the processor's cache is what counts. */
    private static final int RECORDS = 4;

    /**
     * How many records without data may follow each other. Honest peers send one or two at a change of keys; more of
     * them would keep us busy with nothing, and make the engine collect answers.
     */
    private static final int MAX_SILENT_RECORDS = 32;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SocketChannel channel;
    private final SSLEngine engine;
    private final TlsFaults faults;

    // The reading thread's; all but the last hold something between position and limit.
    private final ByteBuffer received;
    private final ByteBuffer surplus;
    private final ByteBuffer[] one = new ByteBuffer[1];
    private ByteBuffer[] targets = new ByteBuffer[2];
    private int silentRecords;
    private boolean properEndRequired;

    private final ByteBuffer[] oneToSend = new ByteBuffer[1]; // the writing thread's
    private final ReentrantLock writing = new ReentrantLock();
    private final ByteBuffer toSend; // guarded by writing

    /** Written by whoever ends the input, before it does. */
    private volatile boolean inputEnded;

    JsseTransport(SocketChannel channel, SSLEngine engine) {
        this.channel = channel;
        this.engine = engine;
        this.faults = new TlsFaults(!engine.getUseClientMode());
        int recordBytes = engine.getSession().getPacketBufferSize();
        received = ByteBuffer.allocate(RECORDS * recordBytes).flip();
        surplus = ByteBuffer.allocate(recordBytes).flip();
        toSend = ByteBuffer.allocate(RECORDS * recordBytes);
    }

    @Override
    public void begin() throws IOException {
        try {
            engine.beginHandshake();
            while (true) {
                switch (engine.getHandshakeStatus()) {
                    case NEED_WRAP -> sendRecord();
                    case NEED_TASK -> engine.getDelegatedTask().run();
                    case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> receiveHandshake();
                    case NOT_HANDSHAKING, FINISHED -> {
                        return;
                    }
                }
            }
        } catch (SSLException e) {
            sendAlert();
            throw faults.describe(e);
        }
    }

    @Override
    public Optional<String> peerIdentity() {
        try {
            return engine.getSession().getPeerCertificates()[0] instanceof X509Certificate certificate
                    ? Optional.of(DistinguishedName.of(certificate.getSubjectX500Principal()))
                            .filter(name -> !name.isEmpty())
                    : Optional.empty();
        } catch (SSLPeerUnverifiedException e) {
            return Optional.empty(); // it was not asked to be anybody
        }
    }

    private void receiveHandshake() throws IOException {
        surplus.clear();
        SSLEngineResult result;
        try {
            result = engine.unwrap(received, surplus);
        } finally {
            surplus.flip();
        }
        if (result.getStatus() == Status.BUFFER_UNDERFLOW) {
            if (receive() < 0) {
                throw faults.closedInHandshake();
            }
            faults.requireTls(received);
        } else if (result.getStatus() != Status.OK) {
            throw faults.closedInHandshake();
        }
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        one[0] = into;
        return (int) read(one, 0, 1);
    }

    @Override
    public long read(ByteBuffer[] into, int offset, int length) throws IOException {
        if (surplus.hasRemaining()) {
            return moveSurplus(into, offset, length);
        }
        try {
            return unwrap(into, offset, length);
        } catch (SSLException e) {
            sendAlert();
            throw faults.describe(e);
        }
    }

    private long moveSurplus(ByteBuffer[] into, int offset, int length) {
        int before = surplus.remaining();
        for (int i = offset; i < offset + length && surplus.hasRemaining(); i++) {
            ByteBuffer target = into[i];
            int moved = Math.min(target.remaining(), surplus.remaining());
            target.put(target.position(), surplus, surplus.position(), moved);
            target.position(target.position() + moved);
            surplus.position(surplus.position() + moved);
        }
        return before - surplus.remaining();
    }

    /**
     * Takes records as long as they are there and there is room; what the last one has too much of stays for the next
     * call.
     */
    private long unwrap(ByteBuffer[] into, int offset, int length) throws IOException {
        int count = addSurplusTo(into, offset, length);
        int first = 0;
        long moved = 0;
        while (true) {
            SSLEngineResult result;
            surplus.clear();
            try {
                result = engine.unwrap(received, targets, first, count - first);
            } finally {
                surplus.flip();
            }
            switch (result.getStatus()) {
                case OK -> {
                    moved += result.bytesProduced() - surplus.remaining();
                    afterRecord(result);
                    while (first < count - 1 && !targets[first].hasRemaining()) {
                        first++;
                    }
                    if (first == count - 1) {
                        return moved;
                    }
                }
                case BUFFER_UNDERFLOW -> {
                    if (moved > 0) {
                        return moved;
                    }
                    if (receive() < 0) {
                        return end();
                    }
                }
                case CLOSED -> {
                    return moved > 0 ? moved : ENDED;
                }
                case BUFFER_OVERFLOW -> throw faults.tooLarge();
            }
        }
    }

    private int addSurplusTo(ByteBuffer[] into, int offset, int length) {
        if (targets.length < length + 1) {
            targets = new ByteBuffer[length + 1];
        }
        System.arraycopy(into, offset, targets, 0, length);
        targets[length] = surplus;
        return length + 1;
    }

    private void afterRecord(SSLEngineResult result) throws IOException {
        if (result.bytesProduced() > 0) {
            silentRecords = 0;
        } else if (++silentRecords > MAX_SILENT_RECORDS) {
            throw faults.silent(silentRecords + " records");
        }
        HandshakeStatus status = result.getHandshakeStatus();
        if (status == HandshakeStatus.NOT_HANDSHAKING || status == HandshakeStatus.FINISHED) {
            return;
        }
        if (status != HandshakeStatus.NEED_WRAP || !TlsFaults.isTls13(engine.getSession())) {
            throw faults.anotherHandshake();
        }
        sendRecord(); // our part of a change of keys
    }

    /**
     * The peer's end without a word: its machine type says whether that may be; where it is, it is between records at
     * least.
     */
    private int end() throws TlsException {
        if (!inputEnded) {
            if (received.hasRemaining()) {
                throw faults.closedInRecord(received.remaining());
            }
            if (properEndRequired) {
                throw faults.cut();
            }
        }
        return ENDED;
    }

    private int receive() throws IOException {
        received.compact();
        try {
            return channel.read(received);
        } finally {
            received.flip();
        }
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        oneToSend[0] = from;
        return (int) write(oneToSend, 0, 1);
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) throws IOException {
        writing.lock();
        try {
            int first = offset;
            int end = offset + length;
            long moved = 0;
            toSend.clear();
            while (first < end) {
                SSLEngineResult result = engine.wrap(from, first, end - first, toSend);
                if (result.getStatus() != Status.OK) {
                    break;
                }
                moved += result.bytesConsumed();
                while (first < end && !from[first].hasRemaining()) {
                    first++;
                }
            }
            flush();
            if (moved == 0) {
                throw faults.over();
            }
            return moved;
        } catch (SSLException e) {
            throw faults.describe(e);
        } finally {
            writing.unlock();
        }
    }

    private void flush() throws IOException {
        toSend.flip();
        while (toSend.hasRemaining()) {
            channel.write(toSend);
        }
    }

    /** Sends what the engine has to say by itself, if it has anything. */
    private void sendRecord() throws IOException {
        writing.lock();
        try {
            toSend.clear();
            engine.wrap(NOTHING, toSend);
            flush();
        } finally {
            writing.unlock();
        }
    }

    /** Tells the peer why this is the end, if that can be done at once: what counts is the reason, which is known. */
    private void sendAlert() {
        if (!writing.tryLock()) {
            return;
        }
        try {
            toSend.clear();
            engine.wrap(NOTHING, toSend);
            flush();
        } catch (IOException e) {
            // It does not listen any more.
        } finally {
            writing.unlock();
        }
    }

    @Override
    public void finish() throws IOException {
        engine.closeOutbound();
        while (!engine.isOutboundDone()) {
            sendRecord();
        }
    }

    @Override
    public void requireProperEnd() {
        properEndRequired = true;
    }

    @Override
    public boolean hasPeerLeft() {
        return SocketState.hasPeerEnded(channel);
    }

    @Override
    public boolean hasRoom() {
        return SocketState.hasRoom(channel);
    }

    @Override
    public void endOutput() throws IOException {
        finish();
        channel.shutdownOutput();
    }

    @Override
    public void endInput() throws IOException {
        inputEnded = true;
        channel.shutdownInput();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
