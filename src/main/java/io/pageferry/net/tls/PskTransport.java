package io.pageferry.net.tls;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsFatalAlertReceived;
import org.bouncycastle.tls.TlsNoCloseNotifyException;
import org.bouncycastle.tls.TlsProtocol;

/**
 * TLS with pre-shared keys over a socket, by Bouncy Castle's blocking protocol. That works on arrays, so page data is
 * copied once more than under {@link JsseTransport}.
 */
final class PskTransport extends TlsTransport {
    /** Four of TLS's largest records: as much as one call moves. */
    private static final int BUFFER_BYTES = 4 * 16 * 1024;

    private final SocketStreams streams;
    private final TlsProtocol protocol;
    private final PskHandshake handshake;

    private byte[] readBytes = {}; // the reading thread's
    private byte[] writeBytes = {}; // the writing thread's
    private boolean endedWithoutCloseNotify; // the reading thread's

    private PskTransport(SocketChannel channel, SocketStreams streams, PskHandshake handshake, TlsFaults faults) {
        super(channel, faults);
        this.streams = streams;
        this.protocol = handshake.protocol();
        this.handshake = handshake;
    }

    static PskTransport ofServer(SocketChannel channel, Map<String, byte[]> keys) {
        TlsFaults faults = new TlsFaults(true);
        SocketStreams streams = new SocketStreams(channel, faults);
        return new PskTransport(channel, streams, PskHandshake.ofServer(streams, keys), faults);
    }

    static PskTransport ofClient(SocketChannel channel, String username, byte[] key) {
        TlsFaults faults = new TlsFaults(false);
        SocketStreams streams = new SocketStreams(channel, faults);
        return new PskTransport(channel, streams, PskHandshake.ofClient(streams, username, key), faults);
    }

    @Override
    public Optional<String> peerIdentity() {
        return Optional.of(handshake.username());
    }

    @Override
    public void begin() throws IOException {
        try {
            handshake.run();
        } catch (TlsFatalAlertReceived e) {
            throw handshake.refused(AlertDescription.getName(e.getAlertDescription()), e);
        } catch (TlsFatalAlert e) {
            if (streams.isEnded()) {
                throw faults.closedInHandshake(); // which the protocol takes for a failure of its own
            }
            throw rootOf(e) instanceof TlsException known
                    ? known
                    : handshake.refused(AlertDescription.getName(e.getAlertDescription()), e);
        } catch (EOFException e) {
            throw faults.closedInHandshake();
        }
    }

    private static Throwable rootOf(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null && !(root instanceof TlsException)) {
            root = root.getCause();
        }
        return root;
    }

    @Override
    public long read(ByteBuffer[] into, int offset, int length) throws IOException {
        if (endedWithoutCloseNotify) {
            return endOfSocket(0); // the protocol says it only once
        }
        if (readBytes.length == 0) {
            readBytes = new byte[BUFFER_BYTES];
        }
        long moved = 0;
        streams.beginReading();
        try {
            for (int i = offset; i < offset + length; i++) {
                ByteBuffer target = into[i];
                while (target.hasRemaining()) {
                    // Only for the first byte this may wait.
                    int most = Math.min(target.remaining(), readBytes.length);
                    int available = moved == 0 ? most : Math.min(most, protocol.applicationDataAvailable());
                    if (available == 0) {
                        return moved;
                    }
                    int read = protocol.readApplicationData(readBytes, 0, available);
                    if (read < 0) {
                        return moved > 0 ? moved : ENDED;
                    }
                    streams.dataCame();
                    target.put(readBytes, 0, read);
                    moved += read;
                }
            }
            return moved;
        } catch (TlsNoCloseNotifyException e) {
            endedWithoutCloseNotify = true;
            return endOfSocket(0);
        } catch (IOException e) {
            if (isInputEnded()) {
                return ENDED;
            }
            throw describe(e);
        } finally {
            streams.endReading();
        }
    }

    @Override
    boolean hasUnread() {
        return protocol.applicationDataAvailable() > 0;
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) throws IOException {
        if (writeBytes.length == 0) {
            writeBytes = new byte[BUFFER_BYTES];
        }
        int gathered = 0;
        for (int i = offset; i < offset + length && gathered < writeBytes.length; i++) {
            int next = Math.min(from[i].remaining(), writeBytes.length - gathered);
            from[i].get(writeBytes, gathered, next);
            gathered += next;
        }
        try {
            protocol.writeApplicationData(writeBytes, 0, gathered);
        } catch (IOException e) {
            throw describe(e);
        }
        return gathered;
    }

    private IOException describe(IOException e) {
        if (!channel.isOpen()) {
            // Closed here, which the session takes for a failure of its own.
            return e instanceof ClosedChannelException ? e : new ClosedChannelException();
        }
        return switch (e) {
            case TlsFatalAlertReceived alert ->
                faults.alertReceived(AlertDescription.getName(alert.getAlertDescription()), e);
            case TlsFatalAlert alert ->
                rootOf(e) instanceof TlsException known
                        ? known
                        : faults.protocolError(AlertDescription.getName(alert.getAlertDescription()), e);
            case EOFException _ -> faults.closedInRecord(streams.unread());
            default -> e;
        };
    }

    @Override
    void sendCloseNotify() throws IOException {
        protocol.close();
    }
}
