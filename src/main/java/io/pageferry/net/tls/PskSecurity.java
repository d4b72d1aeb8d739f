package io.pageferry.net.tls;

import io.pageferry.config.TlsSettings;
import io.pageferry.net.NetException;
import io.pageferry.net.Security;
import io.pageferry.net.Transport;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/**
 * TLS with keys that both ends have been given: QEMU's {@code tls-creds-psk}, by Bouncy Castle, as JSSE has none. A
 * server knows the keys of all users in the file, a client uses that of one.
 */
final class PskSecurity implements Security {
    private final boolean server;
    private final String username;
    private final Map<String, byte[]> keys;

    private PskSecurity(boolean server, String username, Map<String, byte[]> keys) {
        this.server = server;
        this.username = username;
        this.keys = keys;
    }

    static PskSecurity ofServer(TlsSettings settings) throws NetException {
        return new PskSecurity(true, settings.username(), read(settings.creds().resolve(TlsSettings.PSK_FILE)));
    }

    static PskSecurity ofClient(TlsSettings settings) throws NetException {
        Path file = settings.creds().resolve(TlsSettings.PSK_FILE);
        Map<String, byte[]> keys = read(file);
        if (!keys.containsKey(settings.username())) {
            throw new NetException(
                    "keys.psk must have a key for tls-username: file=" + file + " tls-username=" + settings.username());
        }
        return new PskSecurity(false, settings.username(), keys);
    }

    /** Lines {@code USER:KEY}, the key in hexadecimal: what {@code psktool} writes. */
    private static Map<String, byte[]> read(Path file) throws NetException {
        Map<String, byte[]> keys = new HashMap<>();
        int number = 0;
        for (String line : Pem.read(file).lines().toList()) {
            number++;
            int colon = line.indexOf(':');
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            try {
                byte[] key = HexFormat.of().parseHex(line.substring(colon + 1).strip());
                if (colon < 1 || colon > PeerCheck.MAX_IDENTITY_LENGTH || key.length == 0) {
                    throw new IllegalArgumentException("no user, or one with too long a name, or no key");
                }
                keys.putIfAbsent(line.substring(0, colon), key);
            } catch (IllegalArgumentException e) {
                // Not the line itself: it may well be a key.
                throw new NetException(
                        "line of keys.psk must be USER:KEY, the key in hexadecimal: file=" + file + " line=" + number);
            }
        }
        return keys;
    }

    @Override
    public Transport over(SocketChannel channel) throws IOException {
        return server
                ? PskTransport.ofServer(channel, keys)
                : PskTransport.ofClient(channel, username, keys.get(username));
    }
}
