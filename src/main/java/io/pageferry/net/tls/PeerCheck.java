package io.pageferry.net.tls;

import io.pageferry.config.TlsAuthz;
import io.pageferry.net.NetException;
import java.net.Socket;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import sun.security.util.HostnameChecker;

/**
 * Says whether a peer's certificate is good, and says why where it is not: signed by a CA of ours, of today, not
 * revoked, and for whom it must be. Immutable, so for any thread.
 */
final class PeerCheck extends X509ExtendedTrustManager {
    /** Why a certificate is not good: rule and values. */
    static final class Refusal extends CertificateException {
        private static final long serialVersionUID = 1L;

        private final String rule;
        private final String values;

        private Refusal(String rule, String values, Throwable cause) {
            super(rule + ": " + values, cause);
            this.rule = rule;
            this.values = values;
        }

        TlsException toTlsException() {
            return new TlsException(rule, values, this);
        }
    }

    /** The most characters of who a peer proves to be: it is kept with what the peer sends. */
    static final int MAX_IDENTITY_LENGTH = 4096;

    private static final String UNKNOWN_KEY_EXCHANGE = "UNKNOWN";

    /** The JDK's own comparison of names, which JSSE makes for engines of its own. */
    private static final HostnameChecker HOST_NAMES = HostnameChecker.getInstance(HostnameChecker.TYPE_TLS);

    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;

    private final boolean verify;
    private final X509ExtendedTrustManager authorities;
    private final List<X509CRL> revoked;
    private final TlsAuthz authz;

    /**
     * Makes a check.
     *
     * @param authorities checks chains up to the CAs, and names of hosts where an engine wants it
     */
    PeerCheck(X509ExtendedTrustManager authorities, List<X509CRL> revoked, TlsAuthz authz) {
        this(true, authorities, revoked, authz);
    }

    private PeerCheck(boolean verify, X509ExtendedTrustManager authorities, List<X509CRL> revoked, TlsAuthz authz) {
        this.verify = verify;
        this.authorities = authorities;
        this.revoked = revoked;
        this.authz = authz;
    }

    /** A check that lets everybody pass. */
    static PeerCheck none(X509ExtendedTrustManager authorities) {
        return new PeerCheck(false, authorities, List.of(), TlsAuthz.allowAll());
    }

    /** Checks a certificate of our own, as a peer would. */
    void requireOwn(X509Certificate[] chain, boolean server) throws CertificateException {
        if (server) {
            requireSigned("server", chain, () -> authorities.checkServerTrusted(chain, UNKNOWN_KEY_EXCHANGE));
        } else {
            requireSigned("client", chain, () -> authorities.checkClientTrusted(chain, UNKNOWN_KEY_EXCHANGE));
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        requireClient(chain, authType, () -> authorities.checkClientTrusted(chain, authType, engine));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        requireServer(
                chain, authType, engine.getPeerHost(), () -> authorities.checkServerTrusted(chain, authType, engine));
    }

    /** Checks a client's certificate where no engine of JSSE's asks for it. */
    void requireClient(X509Certificate[] chain, String authType) throws CertificateException {
        requireClient(chain, authType, () -> {});
    }

    /**
     * Checks a server's certificate where no engine of JSSE's asks for it.
     *
     * @param host whom it must be for
     */
    void requireServer(X509Certificate[] chain, String authType, String host) throws CertificateException {
        requireServer(chain, authType, host, () -> HOST_NAMES.match(withoutBrackets(host), chain[0]));
    }

    private static String withoutBrackets(String host) {
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    private void requireClient(X509Certificate[] chain, String authType, ChainCheck more) throws CertificateException {
        if (!verify) {
            return;
        }
        requireSigned("client", chain, () -> authorities.checkClientTrusted(chain, authType));
        more.run();
        String name = DistinguishedName.of(chain[0].getSubjectX500Principal());
        // An empty one would be nobody's, and so would be all that comes with it.
        if (name.isEmpty() || name.length() > MAX_IDENTITY_LENGTH) {
            throw new Refusal(
                    "client's certificate must have a distinguished name of 1 to " + MAX_IDENTITY_LENGTH
                            + " characters",
                    "length=" + name.length(),
                    null);
        }
        if (!authz.allows(name)) {
            throw new Refusal("client must be one that tls-authz allows", quote("name", name), null);
        }
    }

    private void requireServer(X509Certificate[] chain, String authType, String host, ChainCheck hostCheck)
            throws CertificateException {
        if (!verify) {
            return;
        }
        requireSigned("server", chain, () -> authorities.checkServerTrusted(chain, authType));
        try {
            hostCheck.run();
        } catch (CertificateException e) {
            throw new Refusal(
                    "server's certificate must be for the host, set tls-hostname where it is for another",
                    "host=" + host + " " + nameOf(chain[0]) + " certifiedHosts=" + hosts(chain[0]),
                    e);
        }
    }

    @FunctionalInterface
    private interface ChainCheck {
        void run() throws CertificateException;
    }

    private void requireSigned(String who, X509Certificate[] chain, ChainCheck check) throws Refusal {
        for (X509Certificate certificate : chain) {
            requireCurrent(who, certificate);
        }
        try {
            check.run();
        } catch (CertificateException e) {
            throw new Refusal(
                    who + "'s certificate must be signed by a CA of ca-cert.pem",
                    nameOf(chain[0]) + " "
                            + quote("issuer", DistinguishedName.of(chain[0].getIssuerX500Principal()))
                            + quote(" reason", reason(e)),
                    e);
        }
        for (X509Certificate certificate : chain) {
            for (X509CRL list : revoked) {
                if (list.isRevoked(certificate)
                        && list.getIssuerX500Principal().equals(certificate.getIssuerX500Principal())) {
                    throw new Refusal(
                            who + "'s certificate must not be revoked by ca-crl.pem",
                            nameOf(certificate) + " serial="
                                    + certificate.getSerialNumber().toString(16),
                            null);
                }
            }
        }
    }

    private static void requireCurrent(String who, X509Certificate certificate) throws Refusal {
        try {
            certificate.checkValidity();
        } catch (CertificateExpiredException | CertificateNotYetValidException e) {
            throw new Refusal(
                    who + "'s certificate must be valid today",
                    nameOf(certificate) + " from="
                            + certificate.getNotBefore().toInstant() + " to="
                            + certificate.getNotAfter().toInstant(),
                    e);
        }
    }

    private static String nameOf(X509Certificate certificate) {
        return quote("certificate", DistinguishedName.of(certificate.getSubjectX500Principal()));
    }

    private static String quote(String key, String value) {
        return key + "=\"" + value.replaceAll("\\p{Cntrl}", ".") + "\"";
    }

    private static List<Object> hosts(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names == null
                    ? List.of()
                    : names.stream()
                            .filter(name -> name.getFirst().equals(DNS_NAME)
                                    || name.getFirst().equals(IP_ADDRESS))
                            .<Object>map(List::getLast)
                            .toList();
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }

    /** The innermost reason: the outer ones only say that there is one. */
    private static String reason(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null && !(cause instanceof CertPathValidatorException)) {
            cause = cause.getCause();
        }
        return NetException.reason(cause);
    }

    /**
     * None to be named to the peer, so that it shows whatever it has, and a refusal can say what is wrong with that.
     */
    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        authorities.checkClientTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        authorities.checkServerTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        authorities.checkClientTrusted(chain, authType, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        authorities.checkServerTrusted(chain, authType, socket);
    }
}
