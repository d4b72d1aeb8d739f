package io.pageferry.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * A CA that signs certificates for tests, with the JDK's {@code keytool}, and puts them into folders under QEMU's
 * names. Of the test's thread.
 */
public final class TlsAuthority {
    private static final String PASSWORD = "changeit";
    private static final String CA = "ca";
    private static final String CA_NAME = "CN=%s,O=Pageferry Tests";
    private static final int DAYS = 30;

    private final Path store;
    private int made;

    private TlsAuthority(Path store) {
        this.store = store;
    }

    /**
     * Makes a CA.
     *
     * @param folder where it keeps its keys
     * @param name part of its distinguished name
     */
    public static TlsAuthority create(Path folder, String name) {
        TlsAuthority authority = new TlsAuthority(folder.resolve(name + ".p12"));
        authority.keytool(
                "-genkeypair",
                "-alias",
                CA,
                "-keyalg",
                "RSA",
                "-keysize",
                "2048",
                "-dname",
                CA_NAME.formatted(name),
                "-ext",
                "bc:c=ca:true",
                "-ext",
                "ku:c=keyCertSign,cRLSign",
                "-validity",
                "" + DAYS);
        return authority;
    }

    /** A key and its certificate. */
    public final class Identity {
        private final String alias;

        private Identity(String alias) {
            this.alias = alias;
        }

        /** Writes a server's files. */
        public Identity toServer(Path folder) {
            return write(folder, "server");
        }

        /** Writes a client's files. */
        public Identity toClient(Path folder) {
            return write(folder, "client");
        }

        private Identity write(Path folder, String role) {
            writePem(folder.resolve(role + "-key.pem"), "PRIVATE KEY", key());
            writePem(folder.resolve(role + "-cert.pem"), "CERTIFICATE", certificate());
            return this;
        }

        /** The key, as PKCS#8. */
        public byte[] key() {
            return with(keys -> keys.getKey(alias, PASSWORD.toCharArray()).getEncoded());
        }

        public byte[] certificate() {
            return with(keys -> keys.getCertificate(alias).getEncoded());
        }

        /** Writes a revocation list of the CA that has this certificate. */
        public void revoke(Path folder) {
            keytool(
                    "-gencrl",
                    "-alias",
                    CA,
                    "-id",
                    with(keys -> serial(keys.getCertificate(alias))),
                    "-rfc",
                    "-file",
                    folder.resolve("ca-crl.pem").toString());
        }
    }

    private static String serial(Certificate certificate) {
        return ((java.security.cert.X509Certificate) certificate)
                .getSerialNumber()
                .toString();
    }

    // With RSA keys: GnuTLS does not read the JDK's form of elliptic ones, which has no public part.

    /** Makes a server's certificate for hosts: {@code ip:127.0.0.1}, {@code dns:localhost}. */
    public Identity server(String... hosts) {
        return sign(
                "RSA",
                "CN=server,O=Pageferry Tests",
                "-ext",
                "san=" + String.join(",", hosts),
                "-ext",
                "eku=serverAuth");
    }

    /**
     * Makes a client's certificate for a distinguished name, as {@code keytool} takes it: the other way round than it
     * is in the certificate.
     */
    public Identity client(String name) {
        return sign("RSA", name, "-ext", "eku=clientAuth");
    }

    /**
     * Makes any certificate.
     *
     * @param algorithm of the key
     * @param options more of {@code keytool}'s
     */
    public Identity sign(String algorithm, String name, String... options) {
        String alias = "identity" + made++;
        List<String> arguments = new ArrayList<>(
                List.of("-genkeypair", "-alias", alias, "-keyalg", algorithm, "-signer", CA, "-dname", name));
        if (!Arrays.asList(options).contains("-validity")) {
            arguments.addAll(List.of("-validity", "" + DAYS));
        }
        arguments.addAll(Arrays.asList(options));
        keytool(arguments.toArray(String[]::new));
        return new Identity(alias);
    }

    /** Writes this CA as the one that is trusted. */
    public void writeTo(Path folder) {
        writePem(
                folder.resolve("ca-cert.pem"),
                "CERTIFICATE",
                with(keys -> keys.getCertificate(CA).getEncoded()));
    }

    /** Writes bytes in PEM form. */
    public static void writePem(Path file, String label, byte[] bytes) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        try {
            Files.writeString(file, "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @FunctionalInterface
    private interface Keys<T> {
        T from(KeyStore keys) throws GeneralSecurityException;
    }

    private <T> T with(Keys<T> what) {
        try {
            return what.from(KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void keytool(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("-keystore", store.toString(), "-storepass", PASSWORD, "-storetype", "PKCS12"));
        Keytool.run(all);
    }
}
