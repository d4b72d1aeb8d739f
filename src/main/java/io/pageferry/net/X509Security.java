package io.pageferry.net;

import io.pageferry.config.MigrationUri;
import io.pageferry.config.TlsAuthz;
import io.pageferry.config.TlsSettings;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Date;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * TLS with certificates: QEMU's {@code tls-creds-x509}, by JSSE. The folder of {@code tls-creds} is read once, and everything in it is checked before the
 * first connection: an own certificate that no peer would take is a fault of ours.
 */
final class X509Security implements Security {
    private static final String CA_CERTIFICATES = "ca-cert.pem";
    private static final String REVOCATION_LISTS = "ca-crl.pem";
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};
    private static final char[] NO_PASSWORD = {};

    /**
     * Longer than tickets may live: then the JDK sends none after a handshake of TLS 1.3. A QEMU never reads what comes on a multifd channel, and a socket that is
     * closed with something unread in it resets the connection and drops what it still had to send.
     */
    private static final int NO_TICKETS_SECONDS = (int) Duration.ofDays(8).toSeconds();

    static {
        // In TLS 1.2 the JDK would promise a ticket all the same, and a peer that waits for it fails. Read when a
        // context is made.
        System.setProperty("jdk.tls.server.enableSessionTicketExtension", "false");
    }

    private final boolean server;
    private final boolean verifyPeer;
    private final String serverName;
    private final TrustManager[] trust;
    private final KeyManager[] keys;

    private X509Security(
            boolean server, boolean verifyPeer, String serverName, TrustManager[] trust, KeyManager[] keys) {
        this.server = server;
        this.verifyPeer = verifyPeer;
        this.serverName = serverName;
        this.trust = trust;
        this.keys = keys;
    }

    static X509Security ofServer(TlsSettings settings) throws NetException {
        return load(settings, true, null);
    }

    static X509Security ofClient(TlsSettings settings, MigrationUri server) throws NetException {
        String name = settings.hostname().orElseGet(() -> switch (server) {
            case MigrationUri.Tcp tcp -> tcp.host().isEmpty() ? "localhost" : tcp.host();
            case MigrationUri.Unix _, MigrationUri.ImageFile _ -> null;
        });
        if (name == null && settings.verifyPeer()) {
            throw new NetException("tls-hostname must be set where the URI has no host: uri=" + server);
        }
        return load(settings, false, name);
    }

    private static X509Security load(TlsSettings settings, boolean server, String serverName) throws NetException {
        Path folder = settings.creds();
        Path authorityFile = folder.resolve(CA_CERTIFICATES);
        List<X509Certificate> authorities = Pem.certificates(authorityFile);
        try {
            X509ExtendedTrustManager trusted = trust(authorities);
            KeyManager[] keys = keys(folder, server, trusted);
            TlsAuthz authz = server ? settings.authz() : TlsAuthz.anybody();
            PeerCheck check = settings.verifyPeer()
                    ? new PeerCheck(trusted, revoked(folder.resolve(REVOCATION_LISTS), authorities), authz)
                    : PeerCheck.none(trusted);
            return new X509Security(server, settings.verifyPeer(), serverName, new TrustManager[] {check}, keys);
        } catch (GeneralSecurityException e) {
            throw unusable(folder, e);
        } catch (NetException e) {
            throw e;
        } catch (IOException e) {
            throw unusable(folder, e);
        }
    }

    private static NetException unusable(Path folder, Exception e) {
        return new NetException(
                "tls-creds must be usable: value=" + folder + " reason=\"" + Listener.reason(e) + "\"", e);
    }

    private static X509ExtendedTrustManager trust(List<X509Certificate> authorities)
            throws GeneralSecurityException, IOException {
        KeyStore store = emptyStore();
        for (X509Certificate authority : authorities) {
            store.setCertificateEntry("ca" + store.size(), authority);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    /** Our own certificate with its key. A server must have them; a client may do without. */
    private static KeyManager[] keys(Path folder, boolean server, X509ExtendedTrustManager trusted)
            throws GeneralSecurityException, IOException {
        Path certificateFile = folder.resolve(server ? "server-cert.pem" : "client-cert.pem");
        Path keyFile = folder.resolve(server ? "server-key.pem" : "client-key.pem");
        if (!server && Files.notExists(certificateFile) && Files.notExists(keyFile)) {
            return new KeyManager[0];
        }
        X509Certificate[] chain = Pem.certificates(certificateFile).toArray(X509Certificate[]::new);
        PrivateKey key = Pem.privateKey(keyFile, chain[0].getPublicKey().getAlgorithm());
        requireOwn(certificateFile, chain, server, trusted);
        requirePair(certificateFile, keyFile, chain[0], key);
        KeyStore store = emptyStore();
        store.setKeyEntry("own", key, NO_PASSWORD, chain);
        KeyManagerFactory factory = KeyManagerFactory.getInstance("SunX509");
        factory.init(store, NO_PASSWORD);
        return factory.getKeyManagers();
    }

    private static void requireOwn(Path file, X509Certificate[] chain, boolean server, X509ExtendedTrustManager trusted)
            throws NetException {
        try {
            new PeerCheck(trusted, List.of(), TlsAuthz.anybody()).requireOwn(chain, server);
        } catch (CertificateException e) {
            throw new NetException("own certificate must be good, file=" + file + ": " + e.getMessage(), e);
        }
    }

    private static void requirePair(Path certificateFile, Path keyFile, X509Certificate certificate, PrivateKey key)
            throws GeneralSecurityException, NetException {
        String algorithm = switch (key.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> key.getAlgorithm();
        };
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(key);
        signature.update(certificate.getEncoded());
        byte[] signed = signature.sign();
        signature.initVerify(certificate.getPublicKey());
        signature.update(certificate.getEncoded());
        if (!signature.verify(signed)) {
            throw new NetException(
                    "private key must be that of the certificate: key=" + keyFile + " certificate=" + certificateFile);
        }
    }

    private static List<X509CRL> revoked(Path file, List<X509Certificate> authorities) throws NetException {
        if (Files.notExists(file)) {
            return List.of();
        }
        List<X509CRL> lists = Pem.revocationLists(file);
        for (X509CRL list : lists) {
            if (list.getNextUpdate() != null && list.getNextUpdate().before(new Date())) {
                throw new NetException("revocation list must be of today: file=" + file + " nextUpdate="
                        + list.getNextUpdate().toInstant());
            }
            if (authorities.stream().noneMatch(authority -> isSignedBy(list, authority))) {
                throw new NetException("revocation list must be signed by a CA of ca-cert.pem: file=" + file
                        + " issuer=\"" + DistinguishedName.of(list.getIssuerX500Principal()) + "\"");
            }
        }
        return lists;
    }

    private static boolean isSignedBy(X509CRL list, X509Certificate authority) {
        try {
            list.verify(authority.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    @Override
    public Transport over(SocketChannel channel) throws IOException {
        try {
            return new TlsTransport(channel, newEngine());
        } catch (GeneralSecurityException e) {
            Listener.closeQuietly(channel);
            throw new NetException("TLS must be there: reason=\"" + Listener.reason(e) + "\"", e);
        }
    }

    SSLContext newContext() throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, trust, null);
        context.getServerSessionContext().setSessionTimeout(NO_TICKETS_SECONDS);
        return context;
    }

    /** A context for each connection: none resumes the session of another, so each peer shows its certificate. */
    private SSLEngine newEngine() throws GeneralSecurityException {
        SSLContext context = newContext();
        SSLEngine engine = serverName == null ? context.createSSLEngine() : context.createSSLEngine(serverName, -1);
        engine.setUseClientMode(!server);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(PROTOCOLS);
        if (server) {
            parameters.setNeedClientAuth(verifyPeer);
        } else if (verifyPeer) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        engine.setSSLParameters(parameters);
        return engine;
    }
}
