package io.pageferry.net.tls;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.cert.X509Certificate;
import java.util.Optional;
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
final class JsseTransport extends TlsTransport {
    /** Of those that fit a buffer: more of them save system calls, but the processor's cache is what counts. */
    private static final int RECORDS = 4;

    /**
     * How many records without data may follow each other. Honest peers send one or two at a change of keys; more of
     * them would keep us busy with nothing, and make the engine collect answers.
     */
    private static final int MAX_EMPTY_RECORDS = 32;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SSLEngine engine;

    // The reading thread's; all but the last hold something between position and limit.
    private final ByteBuffer received;
    private final ByteBuffer surplus;
    private ByteBuffer[] targets = new ByteBuffer[2];
    private int emptyRecords;

    private final ByteBuffer toSend; // guarded by writing

    JsseTransport(SocketChannel channel, SSLEngine engine) {
        super(channel, new TlsFaults(!engine.getUseClientMode()));
        this.engine = engine;
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
            sendAlert(this::sendRecord);
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
            if (receive(received) < 0) {
                throw faults.closedInHandshake();
            }
            faults.requireTls(received);
        } else if (result.getStatus() != Status.OK) {
            throw faults.closedInHandshake();
        }
    }

    @Override
    public long read(ByteBuffer[] into, int offset, int length) throws IOException {
        if (surplus.hasRemaining()) {
            return moveSurplus(into, offset, length);
        }
        try {
            return unwrap(into, offset, length);
        } catch (SSLException e) {
            sendAlert(this::sendRecord);
            throw faults.describe(e);
        }
    }

    @Override
    boolean hasUnread() {
        return surplus.hasRemaining() || received.hasRemaining();
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
                    if (receive(received) < 0) {
                        return endOfSocket(received.remaining());
                    }
                }
                case CLOSED -> {
                    return moved > 0 ? moved : ENDED;
                }
                case BUFFER_OVERFLOW -> throw faults.recordTooLarge();
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
            emptyRecords = 0;
        } else if (++emptyRecords > MAX_EMPTY_RECORDS) {
            throw faults.tooManyEmptyRecords(emptyRecords + " records");
        }
        HandshakeStatus status = result.getHandshakeStatus();
        if (status == HandshakeStatus.NOT_HANDSHAKING || status == HandshakeStatus.FINISHED) {
            return;
        }
        if (status != HandshakeStatus.NEED_WRAP || !TlsFaults.isTls13(engine.getSession())) {
            throw faults.renegotiation();
        }
        sendRecord(); // our part of a change of keys
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
            send(toSend.flip());
            if (moved == 0) {
                throw faults.sessionClosed();
            }
            return moved;
        } catch (SSLException e) {
            throw faults.describe(e);
        } finally {
            writing.unlock();
        }
    }

    /** Sends what the engine has to send by itself, if it has anything. */
    private void sendRecord() throws IOException {
        writing.lock();
        try {
            toSend.clear();
            engine.wrap(NOTHING, toSend);
            send(toSend.flip());
        } finally {
            writing.unlock();
        }
    }

    @Override
    void sendCloseNotify() throws IOException {
        engine.closeOutbound();
        while (!engine.isOutboundDone()) {
            sendRecord();
        }
    }
}
