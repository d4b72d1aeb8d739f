package io.pageferry.net.tls;

import java.io.IOException;
import java.util.Map;
import org.bouncycastle.tls.TlsClientProtocol;
import org.bouncycastle.tls.TlsProtocol;
import org.bouncycastle.tls.TlsServerProtocol;

/** One end's handshake with pre-shared keys, and what a failure of it means. Belongs to one connection. */
interface PskHandshake {
    static PskHandshake ofServer(SocketStreams streams, Map<String, byte[]> keys) {
        return new Server(new TlsServerProtocol(streams.input(), streams.output()), new PskPeers.Server(keys));
    }

    static PskHandshake ofClient(SocketStreams streams, String username, byte[] key) {
        return new Client(
                new TlsClientProtocol(streams.input(), streams.output()), username, new PskPeers.Client(username, key));
    }

    /** What encrypts and decrypts once the handshake is done. */
    TlsProtocol protocol();

    void run() throws IOException;

    /** The peer, or what its records were encrypted with, was refused. */
    TlsException refused(String alert, IOException cause);

    /** Whose key both ends have. */
    String username();

    /** Takes a client that may be any user. */
    record Server(TlsServerProtocol protocol, PskPeers.Server peer) implements PskHandshake {
        @Override
        public void run() throws IOException {
            protocol.accept(peer);
        }

        @Override
        public TlsException refused(String alert, IOException cause) {
            String who = "username=\"" + username().replaceAll("\\p{Cntrl}", ".") + "\" alert=" + alert;
            return username().isEmpty() || peer.isKnown()
                    ? new TlsException("client must have the key that keys.psk has for it", who, cause)
                    : new TlsException("client must be a user of keys.psk", who, cause);
        }

        @Override
        public String username() {
            return peer.username();
        }
    }

    /** Is one user. */
    record Client(TlsClientProtocol protocol, String username, PskPeers.Client peer) implements PskHandshake {
        @Override
        public void run() throws IOException {
            protocol.connect(peer);
        }

        @Override
        public TlsException refused(String alert, IOException cause) {
            return new TlsException(
                    "server must have the same key for the user, see its keys.psk",
                    "username=" + username + " alert=" + alert,
                    cause);
        }
    }
}
