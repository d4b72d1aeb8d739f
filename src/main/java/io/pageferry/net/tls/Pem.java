package io.pageferry.net.tls;

import io.pageferry.net.NetException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads certificates, revocation lists and private keys from PEM files, with whatever text stands between the blocks.
 * Stateless: any thread.
 *
 * <p>Keys may be in the form of PKCS#8, which the JDK reads, and in the older ones of their kind, PKCS#1 (RSA) and SEC
 * 1 (elliptic curves), which {@code certtool} and {@code openssl} write too: these become PKCS#8 by an envelope that
 * names the kind.
 */
final class Pem {
    /** Far more than certificates need; what is longer is some other file. */
    private static final int MAX_FILE_BYTES = 1 << 20;

    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s(.*?)-----END \\1-----", Pattern.DOTALL);

    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;
    private static final int OBJECT_IDENTIFIER = 0x06;
    private static final int CURVE = 0xa0; // [0] in SEC 1's ECPrivateKey

    private static final byte[] VERSION_0 = {0x02, 0x01, 0x00};
    private static final byte[] RSA_ALGORITHM = {
        0x30, 0x0d, 0x06, 0x09, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00
    };
    private static final byte[] EC_ALGORITHM = {0x06, 0x07, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x02, 0x01};

    private Pem() {}

    private record Block(String label, byte[] bytes) {}

    /** All certificates of a file, at least one. */
    static List<X509Certificate> certificates(Path file) throws NetException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (Block block : blocks(file)) {
            if (block.label.equals("CERTIFICATE") || block.label.equals("X509 CERTIFICATE")) {
                certificates.add(parse(
                        file, "certificate", in -> (X509Certificate) x509().generateCertificate(in), block.bytes));
            }
        }
        if (certificates.isEmpty()) {
            throw wrong(file, "a certificate", null);
        }
        return certificates;
    }

    /** All revocation lists of a file, at least one. */
    static List<X509CRL> revocationLists(Path file) throws NetException {
        List<X509CRL> lists = new ArrayList<>();
        for (Block block : blocks(file)) {
            if (block.label.equals("X509 CRL")) {
                lists.add(parse(file, "revocation list", in -> (X509CRL) x509().generateCRL(in), block.bytes));
            }
        }
        if (lists.isEmpty()) {
            throw wrong(file, "a revocation list", null);
        }
        return lists;
    }

    /**
     * The private key of a file.
     *
     * @param algorithm of the certificate that it belongs to, as the JDK calls it
     */
    static PrivateKey privateKey(Path file, String algorithm) throws NetException {
        for (Block block : blocks(file)) {
            byte[] pkcs8 = switch (block.label) {
                case "PRIVATE KEY" -> block.bytes;
                case "RSA PRIVATE KEY" -> envelope(RSA_ALGORITHM, block.bytes);
                case "EC PRIVATE KEY" -> envelope(ecAlgorithm(file, block.bytes), block.bytes);
                case "ENCRYPTED PRIVATE KEY" ->
                    throw new NetException("private key must not be encrypted: file=" + file);
                default -> null;
            };
            if (pkcs8 != null) {
                return parse(
                        file,
                        algorithm + " private key",
                        _ -> KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8)),
                        pkcs8);
            }
        }
        throw wrong(file, "a private key", null);
    }

    @FunctionalInterface
    private interface Parser<T> {
        T parse(InputStream in) throws GeneralSecurityException;
    }

    private static <T> T parse(Path file, String what, Parser<T> parser, byte[] bytes) throws NetException {
        try {
            return parser.parse(new ByteArrayInputStream(bytes));
        } catch (GeneralSecurityException e) {
            throw wrong(file, "a good " + what, e);
        }
    }

    private static CertificateFactory x509() throws GeneralSecurityException {
        return CertificateFactory.getInstance("X.509");
    }

    private static NetException wrong(Path file, String what, Exception cause) {
        return new NetException(
                "file of tls-creds must have " + what + " in PEM form: file=" + file
                        + (cause == null ? "" : " reason=\"" + NetException.reason(cause) + "\""),
                cause);
    }

    private static List<Block> blocks(Path file) throws NetException {
        List<Block> blocks = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(read(file));
        while (matcher.find()) {
            try {
                blocks.add(new Block(matcher.group(1), Base64.getMimeDecoder().decode(matcher.group(2))));
            } catch (IllegalArgumentException e) {
                throw wrong(file, "blocks", e);
            }
        }
        return blocks;
    }

    /** Reads a file of tls-creds. */
    static String read(Path file) throws NetException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_FILE_BYTES + 1);
            if (bytes.length > MAX_FILE_BYTES) {
                throw new NetException(
                        "file of tls-creds must be a small one: file=" + file + " most=" + MAX_FILE_BYTES);
            }
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new NetException("tls-creds must have the file: file=" + file, e);
        } catch (NetException e) {
            throw e;
        } catch (IOException e) {
            throw new NetException(
                    "file of tls-creds must be readable: file=" + file + " reason=\"" + NetException.reason(e) + "\"",
                    e);
        }
    }

    /** PKCS#8: SEQUENCE { version, algorithm, OCTET STRING { key } }. */
    private static byte[] envelope(byte[] algorithm, byte[] key) {
        return der(SEQUENCE, VERSION_0, algorithm, der(OCTET_STRING, key));
    }

    /** SEQUENCE { ecPublicKey, curve }, the curve being the one that the key itself names. */
    private static byte[] ecAlgorithm(Path file, byte[] key) throws NetException {
        try {
            ByteBuffer in = ByteBuffer.wrap(key);
            in = contents(in, SEQUENCE);
            skip(in); // version
            skip(in); // the secret
            byte[] curve = rest(contents(in, CURVE));
            if (curve.length == 0 || curve[0] != OBJECT_IDENTIFIER) {
                throw wrong(file, "an elliptic curve that has a name", null);
            }
            return der(SEQUENCE, EC_ALGORITHM, curve);
        } catch (IllegalArgumentException | BufferUnderflowException e) {
            throw wrong(file, "a good EC private key", e);
        }
    }

    private static byte[] der(int tag, byte[]... parts) {
        int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else {
            int bytes = (Integer.SIZE - Integer.numberOfLeadingZeros(length) + 7) / 8;
            out.write(0x80 | bytes);
            for (int i = bytes - 1; i >= 0; i--) {
                out.write(length >> 8 * i);
            }
        }
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static ByteBuffer contents(ByteBuffer in, int tag) {
        if (in.get(in.position()) != (byte) tag) {
            throw new IllegalArgumentException("tag must be " + tag);
        }
        return next(in);
    }

    private static void skip(ByteBuffer in) {
        next(in);
    }

    private static ByteBuffer next(ByteBuffer in) {
        in.get();
        int length = in.get() & 0xff;
        if (length >= 0x80) {
            int bytes = length & 0x7f;
            length = 0;
            for (int i = 0; i < bytes; i++) {
                length = length << 8 | in.get() & 0xff;
            }
        }
        ByteBuffer value = in.slice(in.position(), Math.min(Math.max(length, 0), in.remaining()));
        in.position(in.position() + value.limit());
        return value;
    }

    private static byte[] rest(ByteBuffer in) {
        byte[] bytes = new byte[in.remaining()];
        in.get(bytes);
        return bytes;
    }
}
