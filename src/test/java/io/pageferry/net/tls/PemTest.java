package io.pageferry.net.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.net.NetException;
import io.pageferry.testing.TlsAuthority;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files of tls-creds, as certtool, openssl and keytool write them. */
@Timeout(30)
class PemTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void nameFile() {
        file = folder.resolve("some-key.pem");
    }

    @Test
    void shouldReadPkcs8Key() throws Exception {
        PrivateKey key = rsa();
        TlsAuthority.writePem(file, "PRIVATE KEY", key.getEncoded());
        assertEquals(key, Pem.privateKey(file, "RSA"));
    }

    /**
     * PKCS#8 of an RSA key ends with the key in the form of PKCS#1, which begins where a sequence follows the octet
     * string's head.
     */
    @Test
    void shouldReadPkcs1Key() throws Exception {
        PrivateKey key = rsa();
        byte[] pkcs8 = key.getEncoded();
        TlsAuthority.writePem(file, "RSA PRIVATE KEY", Arrays.copyOfRange(pkcs8, 26, pkcs8.length));
        assertEquals(key, Pem.privateKey(file, "RSA"));
    }

    @Test
    void shouldReadSec1KeyWithTextAroundIt() throws Exception {
        ECPrivateKey key = ec();
        byte[] secret = key.getS().toByteArray();
        byte[] secret32 = new byte[32];
        int length = Math.min(secret.length, 32);
        System.arraycopy(secret, secret.length - length, secret32, 32 - length, length);
        // ECPrivateKey { version 1, secret, [0] { secp256r1 } }
        byte[] sec1 = ByteBuffer.allocate(51)
                .put(HexFormat.of().parseHex("303102010104" + "20"))
                .put(secret32)
                .put(HexFormat.of().parseHex("a00a06082a8648ce3d030107"))
                .array();
        TlsAuthority.writePem(file, "EC PRIVATE KEY", sec1);
        Files.writeString(
                file, "Public Key Info:\n\tSecurity Level: High\n\n" + Files.readString(file) + "\ntrailer\n");
        ECPrivateKey read = (ECPrivateKey) Pem.privateKey(file, "EC");
        assertEquals(key.getS(), read.getS());
        assertEquals(key.getParams().getCurve(), read.getParams().getCurve());
    }

    @Test
    void shouldRefuseKeyWhenItIsEncrypted() {
        TlsAuthority.writePem(file, "ENCRYPTED PRIVATE KEY", new byte[100]);
        assertEquals("private key must not be encrypted: file=" + file, refusal());
    }

    @Test
    void shouldRefuseKeyWhenItIsMissing() {
        assertEquals("tls-creds must have the file: file=" + file, refusal());
    }

    @Test
    void shouldRefuseFileWhenItHasNoKey() {
        TlsAuthority.writePem(file, "CERTIFICATE", new byte[100]);
        assertEquals("file of tls-creds must have a private key in PEM form: file=" + file, refusal());
    }

    @Test
    void shouldRefuseKeyWhenItIsCutOff() throws Exception {
        byte[] pkcs8 = rsa().getEncoded();
        TlsAuthority.writePem(file, "PRIVATE KEY", Arrays.copyOf(pkcs8, pkcs8.length / 2));
        assertTrue(
                refusal().startsWith("file of tls-creds must have a good RSA private key in PEM form: file=" + file),
                refusal());
    }

    @Test
    void shouldRefuseSec1KeyWhenItIsCutOff() {
        TlsAuthority.writePem(file, "EC PRIVATE KEY", new byte[] {0x30, 0x31, 0x02});
        assertTrue(refusal().startsWith("file of tls-creds must have"), refusal());
    }

    @Test
    void shouldRefuseFileWhenItIsHuge() throws Exception {
        Files.write(file, new byte[(1 << 20) + 1]);
        assertEquals("file of tls-creds must be a small one: file=" + file + " most=1048576", refusal());
    }

    private String refusal() {
        return assertThrows(NetException.class, () -> Pem.privateKey(file, "RSA"))
                .getMessage();
    }

    private static PrivateKey rsa() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return generator.generateKeyPair().getPrivate();
    }

    private static ECPrivateKey ec() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return (ECPrivateKey) generator.generateKeyPair().getPrivate();
    }
}
