package io.pageferry.load.run;

import io.pageferry.load.LoadException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/** Makes what a run under TLS needs, for both ends in one folder under QEMU's names, with the JDK's {@code keytool}. */
final class Credentials {
    private static final String PASSWORD = "throw-away"; // of a file that is gone when the certificates are written
    private static final String CA = "ca";

    private Credentials() {}

    /** Pre-shared keys: one, of QEMU's default user. */
    static void writePsk(Path folder) throws IOException {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        Files.writeString(folder.resolve("keys.psk"), "qemu:" + HexFormat.of().formatHex(key) + "\n");
    }

    /**
     * Certificates of a CA of this run's own.
     *
     * @param host the address that the server listens at
     */
    static void writeX509(Path folder, String host) throws IOException, InterruptedException {
        Path store = folder.resolve("store.p12");
        // RSA: GnuTLS does not read the JDK's form of keys on elliptic curves.
        keytool(store, CA, "-dname", "CN=load test", "-ext", "bc:c=ca:true", "-ext", "ku:c=keyCertSign");
        keytool(store, "server", "-dname", "CN=server", "-signer", CA, "-ext", "san=ip:" + host);
        keytool(store, "client", "-dname", "CN=client", "-signer", CA);
        try {
            KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
            writePem(
                    folder.resolve("ca-cert.pem"),
                    "CERTIFICATE",
                    keys.getCertificate(CA).getEncoded());
            for (String role : List.of("server", "client")) {
                writePem(
                        folder.resolve(role + "-cert.pem"),
                        "CERTIFICATE",
                        keys.getCertificate(role).getEncoded());
                writePem(
                        folder.resolve(role + "-key.pem"),
                        "PRIVATE KEY",
                        keys.getKey(role, PASSWORD.toCharArray()).getEncoded());
            }
        } catch (GeneralSecurityException e) {
            throw new LoadException("certificates must be readable: reason=\"" + e.getMessage() + "\"", e);
        }
        Files.delete(store);
    }

    private static void writePem(Path file, String label, byte[] bytes) throws IOException {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        Files.writeString(file, "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n");
    }

    private static void keytool(Path store, String alias, String... more) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of("-genkeypair", "-alias", alias, "-keyalg", "RSA", "-keysize", "2048"));
        command.addAll(List.of("-validity", "30", "-storetype", "PKCS12"));
        command.addAll(List.of("-keystore", store.toString(), "-storepass", PASSWORD));
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new LoadException("certificates must be made: command=keytool reason=\"" + said.strip() + "\"");
            }
        } finally {
            process.destroyForcibly();
        }
    }
}
