package io.pageferry.net.tls;

import io.pageferry.config.MigrationUri;
import io.pageferry.config.TlsSettings;
import io.pageferry.net.NetException;
import io.pageferry.net.Security;
import java.util.Optional;

/** Chooses how connections are protected: by certificates, by pre-shared keys, or not at all. */
public final class TlsSecurity {
    private TlsSecurity() {}

    /**
     * What connections that are accepted have. Reads all the files that it needs.
     *
     * @param tls empty: they are not protected
     * @throws NetException where files are missing or wrong
     */
    public static Security ofServer(Optional<TlsSettings> tls) throws NetException {
        if (tls.isEmpty()) {
            return Security.NONE;
        }
        return tls.get().isPsk() ? PskSecurity.ofServer(tls.get()) : X509Security.ofServer(tls.get());
    }

    /**
     * What connections to a server have. Reads all the files that it needs.
     *
     * @param tls empty: they are not protected
     * @param server whose name its certificate must have
     * @throws NetException where files are missing or wrong
     */
    public static Security ofClient(Optional<TlsSettings> tls, MigrationUri server) throws NetException {
        if (tls.isEmpty()) {
            return Security.NONE;
        }
        return tls.get().isPsk() ? PskSecurity.ofClient(tls.get()) : X509Security.ofClient(tls.get(), server);
    }
}
