package io.pageferry.net.tls;

import io.pageferry.net.Security;
import io.pageferry.net.Transport;
import java.nio.channels.SocketChannel;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Set;

/** TLS with certificates by BoringSSL. For any thread. */
final class BoringSecurity implements Security {
    /**
     * P-256 and P-384: it signs with no other curve, and takes no other's signature, unless it is told to, which
     * Netty's library cannot.
     */
    private static final Set<Integer> CURVE_BITS = Set.of(256, 384);

    private final X509Credentials credentials;

    BoringSecurity(X509Credentials credentials) {
        this.credentials = credentials;
    }

    /**
     * Why it cannot be used with somebody's credentials; empty: it can. Who has a key of another kind, or trusts a CA
     * with one, will meet peers with such keys too.
     */
    static String whyUnavailable(X509Credentials credentials) {
        for (PublicKey key : credentials.publicKeys()) {
            boolean known = key.getAlgorithm().equals("RSA") && key instanceof RSAPublicKey
                    || key instanceof ECPublicKey curve
                            && CURVE_BITS.contains(curve.getParams().getOrder().bitLength());
            if (!known) {
                return "it does not know keys as those of tls-creds: algorithm=" + key.getAlgorithm();
            }
        }
        return BoringLibrary.whyUnavailable();
    }

    @Override
    public Transport over(SocketChannel channel) {
        return new BoringTransport(channel, credentials);
    }
}
