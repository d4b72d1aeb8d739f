package io.pageferry.net.tls;

import io.netty.internal.tcnative.CertificateVerifier;
import io.netty.internal.tcnative.SSL;
import io.netty.internal.tcnative.SSLContext;
import io.pageferry.net.NetException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One end of a TLS session, in BoringSSL: an {@code SSL} and an {@code SSL_CTX} of its own, so that none resumes the
 * session of another. It knows no socket: it is told where to read what has come from the peer, and where to write what
 * goes there.
 *
 * <p>Neither safe for several threads nor against use after {@link #free}: its transport sees to both.
 */
final class BoringSession {
    /** What a call may come to, beside a number of bytes: more must come from the peer first. */
    static final int WANT_READ = 0;

    /** The peer has ended its half of the session. */
    static final int ENDED = -1;

    /** What it has to send by itself must be taken by {@link #setOutput} first. */
    static final int WANT_WRITE = -2;

    /**
     * TLS 1.3 has suites of its own. Those of TLS 1.2: what JSSE has, without finite fields, which BoringSSL has not.
     */
    private static final String CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES";

    private static final int PROTOCOLS = SSL.SSL_PROTOCOL_TLSV1_2 | SSL.SSL_PROTOCOL_TLSV1_3;

    /** More certificates of a chain are not looked at. As the JDK has it. */
    private static final int MAX_CHAIN = 10;

    /** Holds what BoringSSL sends by itself while it reads; a longer flight of a handshake is fetched in parts. */
    private static final int OWN_OUTPUT_BYTES = 4096;

    /**
     * One of those that have no alert of their own, so that the peer is told {@code certificate_unknown}, as JSSE does.
     */
    private static final int REFUSED = CertificateVerifier.X509_V_ERR_CRL_PATH_VALIDATION_ERROR;

    /** What TLS's server_name may hold. */
    private static final Pattern DOMAIN_NAME = Pattern.compile("(?=.*[a-zA-Z])[a-zA-Z0-9_-]+(\\.[a-zA-Z0-9_-]+)+");

    private final X509Credentials credentials;
    private final long context;
    private final long ssl;
    private final long bio;

    private Exception verifyFailure;
    private volatile X509Certificate peer;

    private BoringSession(X509Credentials credentials) throws IOException {
        this.credentials = credentials;
        try {
            context = SSLContext.make(PROTOCOLS, credentials.isServer() ? SSL.SSL_MODE_SERVER : SSL.SSL_MODE_CLIENT);
        } catch (Exception e) {
            throw unusable(e);
        }
        long made = 0;
        try {
            configureContext();
            made = SSL.newSSL(context, credentials.isServer());
            bio = SSL.bioNewByteBuffer(made, OWN_OUTPUT_BYTES);
            configure(made);
        } catch (Exception e) {
            free(made, context);
            throw unusable(e);
        }
        ssl = made;
        BoringLibrary.held();
    }

    static BoringSession open(X509Credentials credentials) throws IOException {
        return new BoringSession(credentials);
    }

    private static IOException unusable(Exception e) {
        SSL.clearError();
        return new TlsException("TLS must be there", "reason=\"" + NetException.reason(e) + "\"", e);
    }

    private void configureContext() throws Exception {
        SSLContext.setCipherSuite(context, CIPHERS, false);
        // A QEMU never reads what comes on a multifd channel, and a socket that is closed with something unread in it
        // resets the connection and drops what it still had to send.
        SSLContext.setOptions(context, SSL.SSL_OP_NO_TICKET);
        SSLContext.setSessionCacheMode(context, SSL.SSL_SESS_CACHE_OFF);
        if (credentials.verifyPeer() || !credentials.isServer()) {
            SSLContext.setCertVerifyCallback(context, new Verifier());
            SSLContext.setVerify(context, SSL.SSL_CVERIFY_REQUIRED, MAX_CHAIN);
        }
    }

    private void configure(long made) throws Exception {
        if (credentials.key().isPresent()) {
            setKey(made, credentials.chain(), credentials.key().get());
        }
        Optional<String> name = credentials
                .serverName()
                .filter(host -> DOMAIN_NAME.matcher(host).matches());
        if (name.isPresent()) {
            SSL.setTlsExtHostName(made, name.get());
        }
    }

    private static void setKey(long made, List<X509Certificate> chain, PrivateKey key) throws Exception {
        StringBuilder certificates = new StringBuilder();
        for (X509Certificate certificate : chain) {
            certificates.append(pem("CERTIFICATE", certificate.getEncoded()));
        }
        long nativeChain = 0;
        long nativeKey = 0;
        try {
            nativeChain = parse(certificates.toString(), SSL::parseX509Chain);
            nativeKey = parse(pem("PRIVATE KEY", key.getEncoded()), bio -> SSL.parsePrivateKey(bio, null));
            SSL.setKeyMaterial(made, nativeChain, nativeKey);
        } finally {
            if (nativeChain != 0) {
                SSL.freeX509Chain(nativeChain);
            }
            SSL.freePrivateKey(nativeKey);
        }
    }

    @FunctionalInterface
    private interface Parser {
        long parse(long bio) throws Exception;
    }

    private static long parse(String text, Parser parser) throws Exception {
        long source = SSL.newMemBIO();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, text.getBytes(StandardCharsets.US_ASCII));
            SSL.bioWrite(source, bytes.address(), (int) bytes.byteSize());
            bytes.fill((byte) 0);
            return parser.parse(source);
        } finally {
            SSL.freeBIO(source);
        }
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + label
                + "-----\n";
    }

    /** Answers BoringSSL's question, inside a handshake, whether the peer's certificate is good. */
    private final class Verifier extends CertificateVerifier {
        @Override
        public int verify(long asking, byte[][] chain, String keyExchange) {
            return BoringSession.this.verify(chain, keyExchange);
        }
    }

    private int verify(byte[][] chain, String keyExchange) {
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            X509Certificate[] certificates = new X509Certificate[chain.length];
            for (int i = 0; i < chain.length; i++) {
                Certificate certificate = factory.generateCertificate(new ByteArrayInputStream(chain[i]));
                certificates[i] = (X509Certificate) certificate;
            }
            if (credentials.isServer()) {
                credentials.check().requireClient(certificates, keyExchange);
            } else {
                credentials
                        .check()
                        .requireServer(
                                certificates,
                                keyExchange,
                                credentials.serverName().orElse(""));
            }
            peer = certificates[0];
            return CertificateVerifier.X509_V_OK;
        } catch (CertificateException | RuntimeException e) {
            verifyFailure = e; // which must not pass through BoringSSL
            return REFUSED;
        }
    }

    /** Who the peer has proved to be, also after the session has been freed. */
    Optional<X509Certificate> peer() {
        return Optional.ofNullable(peer);
    }

    /** Why the peer's certificate is not good, where that is what is wrong. */
    Optional<Exception> verifyFailure() {
        return Optional.ofNullable(verifyFailure);
    }

    /** Says where it reads what has come from the peer, until {@link #unusedBytes}. */
    void setInput(long address, int length) {
        SSL.bioSetByteBuffer(bio, address, length, false);
    }

    /** Takes the input or output away again, and says how much of it was not used. */
    int unusedBytes() {
        int left = SSL.bioLengthByteBuffer(bio);
        SSL.bioClearByteBuffer(bio);
        return left;
    }

    /** Says where it writes what goes to the peer, and has what the session sends by itself put there. */
    void setOutput(long address, int length) {
        SSL.bioSetByteBuffer(bio, address, length, true);
        SSL.bioFlushByteBuffer(bio);
    }

    /**
     * Goes on with the handshake, as far as that goes. What it sends is taken by {@link #setOutput} afterwards.
     *
     * @return more than 0: it is done; {@link #WANT_READ}, {@link #WANT_WRITE} or {@link #ENDED}
     */
    int handshake() throws BoringException {
        int result = SSL.doHandshake(ssl);
        return result > 0 ? result : resultOf(result);
    }

    /** Whether the session has something to send by itself, such as an alert. */
    boolean hasPendingOutput() {
        return SSL.bioLengthNonApplication(bio) > 0;
    }

    /**
     * Decrypts the input.
     *
     * @return how many bytes, at most those of one record; {@link #WANT_READ} or {@link #ENDED}
     */
    int decrypt(long address, int length) throws BoringException {
        int read = SSL.readFromSSL(ssl, address, length);
        return read > 0 ? read : resultOf(read);
    }

    /** Encrypts into the output, which must have room for it. */
    void encrypt(long address, int length) throws BoringException {
        int written = SSL.writeToSSL(ssl, address, length);
        if (written != length) {
            resultOf(written);
            throw new BoringException(0, "records must fit: length=" + length + " written=" + written);
        }
    }

    /** Writes close_notify into the output. Nothing is written before the end of a handshake, or after a failure. */
    void shutdown() {
        SSL.shutdownSSL(ssl);
        SSL.clearError();
    }

    private int resultOf(int result) throws BoringException {
        int error = SSL.getError(ssl, result);
        if (error == SSL.SSL_ERROR_WANT_READ) {
            return WANT_READ;
        }
        if (error == SSL.SSL_ERROR_WANT_WRITE) {
            return WANT_WRITE;
        }
        if (error == SSL.SSL_ERROR_ZERO_RETURN) {
            return ENDED;
        }
        int number = SSL.getLastErrorNumber();
        String text = number == 0 ? "TLS ended: error=" + error : SSL.getErrorString(number & 0xffffffffL);
        SSL.clearError();
        throw new BoringException(number, text);
    }

    /** Gives back all native memory. Once, and nobody may be inside then. */
    void free() {
        free(ssl, context);
        BoringLibrary.givenBack();
    }

    private static void free(long ssl, long context) {
        if (ssl != 0) {
            SSL.freeSSL(ssl);
        }
        SSLContext.free(context);
    }
}
