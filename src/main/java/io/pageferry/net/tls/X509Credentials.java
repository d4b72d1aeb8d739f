package io.pageferry.net.tls;

import io.pageferry.config.MigrationUri;
import io.pageferry.config.TlsAuthz;
import io.pageferry.config.TlsSettings;
import io.pageferry.net.NetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * What a folder of {@code tls-creds} says where it has certificates: QEMU's {@code tls-creds-x509}. It is read once,
 * and everything in it is checked before the first connection: an own certificate that no peer would take is a fault of
 * ours. Immutable, so for any thread.
 */
final class X509Credentials {
    private static final String CA_CERTIFICATES = "ca-cert.pem";
    private static final String REVOCATION_LISTS = "ca-crl.pem";

    private final boolean server;
    private final boolean verifyPeer;
    private final String serverName;
    private final PeerCheck check;
    private final List<X509Certificate> authorities;
    private final List<X509Certificate> chain;
    private final PrivateKey key;

    private X509Credentials(
            boolean server,
            boolean verifyPeer,
            String serverName,
            PeerCheck check,
            List<X509Certificate> authorities,
            Own own) {
        this.server = server;
        this.verifyPeer = verifyPeer;
        this.serverName = serverName;
        this.check = check;
        this.authorities = authorities;
        this.chain = own.chain;
        this.key = own.key;
    }

    /** Our own certificate with its key. */
    private record Own(List<X509Certificate> chain, PrivateKey key) {
        static final Own NONE = new Own(List.of(), null);
    }

    static X509Credentials ofServer(TlsSettings settings) throws NetException {
        return load(settings, true, null);
    }

    static X509Credentials ofClient(TlsSettings settings, MigrationUri server) throws NetException {
        String name = settings.hostname().orElseGet(() -> switch (server) {
            case MigrationUri.Tcp tcp -> tcp.host().isEmpty() ? "localhost" : tcp.host();
            case MigrationUri.Unix _, MigrationUri.ImageFile _ -> null;
        });
        if (name == null && settings.verifyPeer()) {
            throw new NetException("tls-hostname must be set where the URI has no host: uri=" + server);
        }
        return load(settings, false, name);
    }

    private static X509Credentials load(TlsSettings settings, boolean server, String serverName) throws NetException {
        Path folder = settings.creds();
        Path authorityFile = folder.resolve(CA_CERTIFICATES);
        List<X509Certificate> authorities = Pem.certificates(authorityFile);
        try {
            X509ExtendedTrustManager trusted = trust(authorities);
            Own own = own(folder, server, trusted);
            TlsAuthz authz = server ? settings.authz() : TlsAuthz.allowAll();
            PeerCheck check = settings.verifyPeer()
                    ? new PeerCheck(trusted, revoked(folder.resolve(REVOCATION_LISTS), authorities), authz)
                    : PeerCheck.none(trusted);
            return new X509Credentials(server, settings.verifyPeer(), serverName, check, authorities, own);
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
                "tls-creds must be usable: value=" + folder + " reason=\"" + NetException.reason(e) + "\"", e);
    }

    private static X509ExtendedTrustManager trust(List<X509Certificate> authorities)
            throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (X509Certificate authority : authorities) {
            store.setCertificateEntry("ca" + store.size(), authority);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
    }

    /** A server must have a certificate; a client may do without. */
    private static Own own(Path folder, boolean server, X509ExtendedTrustManager trusted)
            throws GeneralSecurityException, IOException {
        Path certificateFile = folder.resolve(server ? "server-cert.pem" : "client-cert.pem");
        Path keyFile = folder.resolve(server ? "server-key.pem" : "client-key.pem");
        if (!server && Files.notExists(certificateFile) && Files.notExists(keyFile)) {
            return Own.NONE;
        }
        List<X509Certificate> chain = Pem.certificates(certificateFile);
        PublicKey publicKey = chain.getFirst().getPublicKey();
        PrivateKey key = Pem.privateKey(keyFile, publicKey.getAlgorithm());
        requireOwn(certificateFile, chain.toArray(X509Certificate[]::new), server, trusted);
        requirePair(certificateFile, keyFile, chain.getFirst(), key);
        return new Own(List.copyOf(chain), key);
    }

    private static void requireOwn(Path file, X509Certificate[] chain, boolean server, X509ExtendedTrustManager trusted)
            throws NetException {
        try {
            new PeerCheck(trusted, List.of(), TlsAuthz.allowAll()).requireOwn(chain, server);
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

    boolean isServer() {
        return server;
    }

    /** Whether the peer must have a good certificate. */
    boolean verifyPeer() {
        return verifyPeer;
    }

    /** Whom a server's certificate must be for. Empty where we are the server, or where that does not matter. */
    Optional<String> serverName() {
        return Optional.ofNullable(serverName);
    }

    /** Says whether a peer's certificate is good. */
    PeerCheck check() {
        return check;
    }

    /** Our own certificate and those that lead from it to a CA; none where we have none. */
    List<X509Certificate> chain() {
        return chain;
    }

    /** That of our own certificate, where we have one. */
    Optional<PrivateKey> key() {
        return Optional.ofNullable(key);
    }

    /** The public keys of everybody whom we know: the CAs, and ourselves. */
    List<PublicKey> publicKeys() {
        return Stream.concat(authorities.stream(), chain.stream())
                .map(X509Certificate::getPublicKey)
                .toList();
    }
}
