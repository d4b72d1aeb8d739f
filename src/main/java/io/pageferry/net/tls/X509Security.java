package io.pageferry.net.tls;

import io.pageferry.config.MigrationUri;
import io.pageferry.config.TlsSettings;
import io.pageferry.net.NetException;
import io.pageferry.net.Security;

/**
 * Chooses who does TLS with certificates: {@link BoringSecurity} where it can, as it takes half the processor time,
 * else {@link JsseSecurity}.
 */
final class X509Security {
    /**
     * The system property that chooses instead: {@value #JSSE}, or {@value #BORINGSSL}, which fails where that cannot
     * be.
     */
    static final String PROPERTY = "pageferry.tls";

    static final String JSSE = "jsse";
    static final String BORINGSSL = "boringssl";

    private X509Security() {}

    static Security ofServer(TlsSettings settings) throws NetException {
        return of(X509Credentials.ofServer(settings));
    }

    static Security ofClient(TlsSettings settings, MigrationUri server) throws NetException {
        return of(X509Credentials.ofClient(settings, server));
    }

    private static Security of(X509Credentials credentials) throws NetException {
        String asked = System.getProperty(PROPERTY, "");
        switch (asked) {
            case "", BORINGSSL, JSSE -> {}
            default ->
                throw new NetException(
                        "system property " + PROPERTY + " must be " + JSSE + " or " + BORINGSSL + ": value=" + asked);
        }
        if (asked.equals(JSSE)) {
            return JsseSecurity.of(credentials);
        }
        String reason = BoringSecurity.whyUnavailable(credentials);
        if (reason.isEmpty()) {
            return new BoringSecurity(credentials);
        }
        if (asked.equals(BORINGSSL)) {
            throw new NetException("BoringSSL must be of use: reason=\"" + reason + "\"");
        }
        return JsseSecurity.of(credentials);
    }
}
