package io.pageferry.hostile;

import io.pageferry.config.TlsSettings;
import io.pageferry.testing.TlsAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * What a {@link Scene} is made for.
 *
 * @param folder for files, with nothing in it
 * @param credentials has folders with keys, see {@link #makeCredentials}
 * @param cause what is going to end it
 */
record Setting(Path folder, Path credentials, Stage.Cause cause) {
    private static final Duration PATIENT = Duration.ofSeconds(60);
    private static final Duration STALL = Duration.ofMillis(500);

    // As the authority keeps them.
    private static final String AUTHORITY = "authority";
    private static final String SERVER = "identity0";
    private static final char[] PASSWORD = "changeit".toCharArray();

    /** How channels are protected. */
    enum Tls {
        X509,
        PSK
    }

    /** So long that it never ends a migration, where it is not to. */
    Duration stallTimeout() {
        return cause == Stage.Cause.STALL ? STALL : PATIENT;
    }

    boolean isFault() {
        return cause == Stage.Cause.FAULT;
    }

    TlsSettings tls(Tls kind) {
        return TlsSettings.of(credentials.resolve(kind.name()));
    }

    /** What a server needs for a handshake by x509. */
    SSLContext serverContext() throws GeneralSecurityException, IOException {
        KeyStore all =
                KeyStore.getInstance(credentials.resolve(AUTHORITY + ".p12").toFile(), PASSWORD);
        KeyStore own = KeyStore.getInstance(all.getType());
        own.load(null, null);
        own.setKeyEntry(SERVER, all.getKey(SERVER, PASSWORD), PASSWORD, all.getCertificateChain(SERVER));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    static void makeCredentials(Path folder) throws IOException {
        Path x509 = Files.createDirectory(folder.resolve(Tls.X509.name()));
        TlsAuthority authority = TlsAuthority.create(folder, AUTHORITY);
        authority.writeTo(x509);
        authority.server("ip:127.0.0.1").toServer(x509);
        authority.client("CN=client").toClient(x509);
        Path psk = Files.createDirectory(folder.resolve(Tls.PSK.name()));
        Files.writeString(psk.resolve("keys.psk"), "qemu:0123456789abcdef\n");
    }
}
