package io.pageferry.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What TLS is to be like, in the words of QEMU's {@code tls-creds-x509} and {@code tls-creds-psk} objects and of its
 * parameters {@code tls-*}. That there are settings at all means that every connection is under TLS.
 *
 * @param creds the folder with the files of one identity, under QEMU's names; a {@code keys.psk} in it means pre-shared
 *     keys, else it has certificates
 * @param hostname whom a server's certificate must be for; empty: the host that is connected to
 * @param authz which clients are let in, of those whose certificate is good
 * @param verifyPeer whether a peer must have a good certificate
 * @param username whose key a client uses, where keys are pre-shared
 */
public record TlsSettings(Path creds, Optional<String> hostname, TlsAuthz authz, boolean verifyPeer, String username) {
    /** As in QEMU. */
    public static final String DEFAULT_USERNAME = "qemu";

    public static final String PSK_FILE = "keys.psk";

    public TlsSettings {
        if (!Files.isDirectory(creds)) {
            throw new ConfigException("tls-creds must be a folder: value=" + creds);
        }
        if (!verifyPeer && !authz.isEmpty()) {
            throw new ConfigException(
                    "tls-authz must be with verify-peer, or nobody is asked for a name: verify-peer=off");
        }
        if (hostname.filter(String::isBlank).isPresent()) {
            throw new ConfigException("tls-hostname must not be empty");
        }
        if (username.isEmpty() || username.indexOf(':') >= 0) {
            throw new ConfigException(
                    "tls-username must be a name as it stands in " + PSK_FILE + ": value=" + username);
        }
        if (isPsk(creds) && !authz.isEmpty()) {
            throw new ConfigException(
                    "tls-authz must be with certificates, a pre-shared key has no distinguished name: " + PSK_FILE + "="
                            + creds.resolve(PSK_FILE));
        }
    }

    /** A peer of one's own kind: certificates on both ends, checked, and everybody welcome who has one. */
    public static TlsSettings of(Path creds) {
        return new TlsSettings(creds, Optional.empty(), TlsAuthz.allowAll(), true, DEFAULT_USERNAME);
    }

    public TlsSettings withHostname(String name) {
        return new TlsSettings(creds, Optional.of(name), authz, verifyPeer, username);
    }

    public TlsSettings withAuthz(TlsAuthz value) {
        return new TlsSettings(creds, hostname, value, verifyPeer, username);
    }

    public TlsSettings withVerifyPeer(boolean value) {
        return new TlsSettings(creds, hostname, authz, value, username);
    }

    /** Whether keys are pre-shared. */
    public boolean isPsk() {
        return isPsk(creds);
    }

    private static boolean isPsk(Path creds) {
        return Files.exists(creds.resolve(PSK_FILE));
    }
}
