package io.pageferry.net.tls;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Vector;
import org.bouncycastle.tls.BasicTlsPSKExternal;
import org.bouncycastle.tls.BasicTlsPSKIdentity;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.PRFAlgorithm;
import org.bouncycastle.tls.PSKTlsClient;
import org.bouncycastle.tls.PSKTlsServer;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.PskIdentity;
import org.bouncycastle.tls.TlsPSKExternal;
import org.bouncycastle.tls.TlsPSKIdentityManager;
import org.bouncycastle.tls.crypto.TlsCrypto;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCryptoProvider;

/**
 * What Bouncy Castle's two ends of a session are told: versions, cipher suites, keys. Each belongs to one connection.
 */
final class PskPeers {
    /**
     * TLS 1.3 first: there a pre-shared key goes with one hash, for GnuTLS SHA-256 where nobody says otherwise, and so
     * the suite is the one with it. Then those of TLS 1.2, of QEMU's {@code +ECDHE-PSK:+DHE-PSK:+PSK} the ones that
     * authenticate what they encrypt.
     */
    private static final int[] SUITES = {
        CipherSuite.TLS_AES_128_GCM_SHA256,
        CipherSuite.TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256,
        CipherSuite.TLS_ECDHE_PSK_WITH_AES_256_GCM_SHA384,
        CipherSuite.TLS_DHE_PSK_WITH_AES_128_GCM_SHA256,
        CipherSuite.TLS_DHE_PSK_WITH_AES_256_GCM_SHA384,
        CipherSuite.TLS_PSK_WITH_AES_128_GCM_SHA256,
        CipherSuite.TLS_PSK_WITH_AES_256_GCM_SHA384,
    };

    private static final ProtocolVersion[] VERSIONS = ProtocolVersion.TLSv13.downTo(ProtocolVersion.TLSv12);

    private PskPeers() {}

    /** The JDK's own ciphers do the work: those of Bouncy Castle are several times slower. */
    private static TlsCrypto crypto() {
        return new JcaTlsCryptoProvider().create(new SecureRandom());
    }

    private static byte[] bytes(String username) {
        return username.getBytes(StandardCharsets.UTF_8);
    }

    private static TlsPSKExternal external(TlsCrypto crypto, byte[] identity, byte[] key) {
        return new BasicTlsPSKExternal(identity, crypto.createSecret(key.clone()), PRFAlgorithm.tls13_hkdf_sha256);
    }

    /** One user, one key. */
    static final class Client extends PSKTlsClient {
        private final byte[] identity;
        private final byte[] key;

        Client(String username, byte[] key) {
            super(crypto(), new BasicTlsPSKIdentity(bytes(username), key));
            this.identity = bytes(username);
            this.key = key;
        }

        @Override
        protected ProtocolVersion[] getSupportedVersions() {
            return VERSIONS.clone();
        }

        @Override
        protected int[] getSupportedCipherSuites() {
            return SUITES.clone();
        }

        @Override
        public Vector<TlsPSKExternal> getExternalPSKs() {
            Vector<TlsPSKExternal> keys = new Vector<>();
            keys.add(external(getCrypto(), identity, key));
            return keys;
        }
    }

    /** All users. Remembers who asked, for a message. */
    static final class Server extends PSKTlsServer {
        private final Keys keys;

        Server(Map<String, byte[]> keys) {
            this(new Keys(keys));
        }

        private Server(Keys keys) {
            super(crypto(), keys);
            this.keys = keys;
        }

        /** The user that the client is, or says it is; empty as long as it has not said it. */
        String username() {
            return keys.asked;
        }

        boolean isKnown() {
            return keys.byUsername.containsKey(keys.asked);
        }

        @Override
        protected ProtocolVersion[] getSupportedVersions() {
            return VERSIONS.clone();
        }

        @Override
        protected int[] getSupportedCipherSuites() {
            return SUITES.clone();
        }

        @Override
        @SuppressWarnings("rawtypes") // as it is there
        public TlsPSKExternal getExternalPSK(Vector identities) {
            for (Object identity : identities) {
                byte[] name = ((PskIdentity) identity).getIdentity();
                byte[] key = keys.getPSK(name);
                if (key != null) {
                    return external(getCrypto(), name, key);
                }
            }
            return null;
        }
    }

    private static final class Keys implements TlsPSKIdentityManager {
        private final Map<String, byte[]> byUsername;
        private String asked = "";

        Keys(Map<String, byte[]> byUsername) {
            this.byUsername = byUsername;
        }

        @Override
        public byte[] getHint() {
            return null;
        }

        @Override
        public byte[] getPSK(byte[] identity) {
            asked = new String(identity, StandardCharsets.UTF_8);
            byte[] key = byUsername.get(asked);
            return key == null ? null : key.clone();
        }
    }
}
