package io.pageferry.net.tls;

import io.pageferry.net.NetException;
import io.pageferry.net.Security;
import io.pageferry.net.Transport;
import io.pageferry.supervision.Closeables;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;

/** TLS with certificates by the JDK itself, wherever that runs. For any thread. */
final class JsseSecurity implements Security {
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};
    private static final char[] NO_PASSWORD = {};

    /**
     * Longer than tickets may live: then the JDK sends none after a handshake of TLS 1.3. A QEMU never reads what comes
     * on a multifd channel, and a socket that is closed with something unread in it resets the connection and drops
     * what it still had to send.
     */
    private static final int NO_TICKETS_SECONDS = (int) Duration.ofDays(8).toSeconds();

    static {
        // In TLS 1.2 the JDK would promise a ticket all the same, and a peer that waits for it fails. Read when a
        // context is made.
        System.setProperty("jdk.tls.server.enableSessionTicketExtension", "false");
    }

    private final X509Credentials credentials;
    private final KeyManager[] keys;

    private JsseSecurity(X509Credentials credentials, KeyManager[] keys) {
        this.credentials = credentials;
        this.keys = keys;
    }

    static JsseSecurity of(X509Credentials credentials) throws NetException {
        try {
            return new JsseSecurity(credentials, keys(credentials));
        } catch (GeneralSecurityException | IOException e) {
            throw unusable(e);
        }
    }

    private static NetException unusable(Exception e) {
        return new NetException("TLS must be there: reason=\"" + NetException.reason(e) + "\"", e);
    }

    @Override
    public Transport over(SocketChannel channel) throws IOException {
        try {
            return new JsseTransport(channel, newEngine());
        } catch (GeneralSecurityException e) {
            Closeables.closeQuietly(channel);
            throw unusable(e);
        }
    }

    SSLContext newContext() throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, new TrustManager[] {credentials.check()}, null);
        context.getServerSessionContext().setSessionTimeout(NO_TICKETS_SECONDS);
        return context;
    }

    private static KeyManager[] keys(X509Credentials credentials) throws GeneralSecurityException, IOException {
        if (credentials.key().isEmpty()) {
            return new KeyManager[0];
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        X509Certificate[] chain = credentials.chain().toArray(X509Certificate[]::new);
        store.setKeyEntry("own", credentials.key().get(), NO_PASSWORD, chain);
        KeyManagerFactory factory = KeyManagerFactory.getInstance("SunX509");
        factory.init(store, NO_PASSWORD);
        return factory.getKeyManagers();
    }

    /** A context for each connection: none resumes the session of another, so each peer shows its certificate. */
    private SSLEngine newEngine() throws GeneralSecurityException {
        SSLContext context = newContext();
        SSLEngine engine = credentials
                .serverName()
                .map(name -> context.createSSLEngine(name, -1))
                .orElseGet(context::createSSLEngine);
        engine.setUseClientMode(!credentials.isServer());
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(PROTOCOLS);
        if (credentials.isServer()) {
            parameters.setNeedClientAuth(credentials.verifyPeer());
        } else if (credentials.verifyPeer()) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        engine.setSSLParameters(parameters);
        return engine;
    }
}
