package io.pageferry.cli;

import io.pageferry.config.ConfigException;
import io.pageferry.config.MigrationUri;
import io.pageferry.config.TlsAuthz;
import io.pageferry.config.TlsSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.OptionSpec;

/** Options of TLS that both ends have. */
final class TlsOptions {
    private final Value<Path> creds;
    private final Value<OnOff> verifyPeer;

    TlsOptions(CommandModel model) {
        creds = model.add(
                Value.of(Path.class),
                OptionSpec.builder("--tls-creds")
                        .paramLabel("DIR")
                        .description("Put every connection under TLS. DIR has files under QEMU's names: ca-cert.pem,"
                                + " ca-crl.pem (if any), server-cert.pem and server-key.pem to receive,"
                                + " client-cert.pem and client-key.pem to send; or keys.psk, for pre-shared keys."));
        verifyPeer = model.add(
                Value.of(OnOff.class),
                OptionSpec.builder("--tls-verify-peer")
                        .paramLabel("on|off")
                        .defaultValue("on")
                        .description("Whether the other end must have a good certificate; QEMU's verify-peer (default:"
                                + " ${DEFAULT-VALUE})."));
    }

    /** What was asked for, as a destination; null where it is no TLS. */
    TlsSettings ofServer(MigrationUri uri, List<String> authz) {
        requireCreds("--tls-authz", !authz.isEmpty());
        return of(uri, Optional.empty(), TlsAuthz.of(authz), TlsSettings.DEFAULT_USERNAME);
    }

    /** What was asked for, as a source; null where it is no TLS. */
    TlsSettings ofClient(MigrationUri uri, String hostname, String username) {
        requireCreds("--tls-hostname", hostname != null);
        requireCreds("--tls-username", username != null);
        return of(
                uri,
                Optional.ofNullable(hostname),
                TlsAuthz.allowAll(),
                username == null ? TlsSettings.DEFAULT_USERNAME : username);
    }

    private TlsSettings of(MigrationUri uri, Optional<String> hostname, TlsAuthz authz, String username) {
        requireCreds("--tls-verify-peer=off", verifyPeer.get() == OnOff.OFF);
        if (creds.get() == null) {
            return null;
        }
        if (uri instanceof MigrationUri.ImageFile) {
            throw new ConfigException("--tls-creds must be with a socket: uri=" + uri);
        }
        return new TlsSettings(creds.get(), hostname, authz, verifyPeer.get() == OnOff.ON, username);
    }

    private void requireCreds(String option, boolean given) {
        if (given && creds.get() == null) {
            throw new ConfigException(option + " must be with --tls-creds");
        }
    }
}
