package io.pageferry.net;

import io.pageferry.config.MigrationUri;
import io.pageferry.config.TlsSettings;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/**
 * How the connections of one migration are protected: not at all, by certificates, or by pre-shared keys. For any
 * thread.
 */
interface Security {
    Security NONE = PlainTransport::new;

    /** Makes the transport of a new connection. It owns the socket from now on, also where this fails. */
    Transport over(SocketChannel channel) throws IOException;

    /** What connections that are accepted have. Reads all the files that it needs. */
    static Security ofServer(Optional<TlsSettings> tls) throws NetException {
        if (tls.isEmpty()) {
            return NONE;
        }
        return tls.get().isPsk() ? PskSecurity.ofServer(tls.get()) : X509Security.ofServer(tls.get());
    }

    /** What connections to a server have. Reads all the files that it needs. */
    static Security ofClient(Optional<TlsSettings> tls, MigrationUri server) throws NetException {
        if (tls.isEmpty()) {
            return NONE;
        }
        return tls.get().isPsk() ? PskSecurity.ofClient(tls.get()) : X509Security.ofClient(tls.get(), server);
    }
}
