package io.pageferry.cli;

import io.pageferry.config.ConfigException;
import io.pageferry.config.TlsAuthz;
import io.pageferry.config.TlsSettings;
import io.pageferry.control.qmp.QmpSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options of who drives a server over QMP. */
final class QmpOptions {
    @Option(
            names = "--qmp",
            paramLabel = "URI",
            description =
                    "Where QMP clients connect: unix:PATH (which nobody but this user can open) or tcp:HOST:PORT. Who"
                            + " can connect may do everything. An address"
                            + " that is not of loopback must be with --qmp-tls-creds. May be given again.")
    private List<String> qmp = List.of();

    @Option(
            names = "--qmp-tls-creds",
            paramLabel = "DIR",
            description =
                    "Put QMP's TCP connections under TLS, with a folder as of --tls-creds. Clients must have a good"
                            + " certificate (or pre-shared key).")
    private Path creds;

    @Option(
            names = "--qmp-tls-authz",
            paramLabel = "[deny:][glob:]NAME",
            description =
                    "Which QMP clients are let in, by the distinguished name of their certificate, as --tls-authz has"
                            + " it."
                            + " May be given again.")
    private List<String> authz = List.of();

    @Option(
            names = "--qmp-insecure",
            description =
                    "Let whoever can connect do everything over QMP, at addresses that are not of loopback too, without"
                            + " TLS.")
    private boolean insecure;

    /** What was asked for. */
    QmpSettings settings() {
        if (qmp.isEmpty() && (creds != null || insecure)) {
            throw new ConfigException("--qmp-tls-creds and --qmp-insecure must be with --qmp");
        }
        if (creds == null && !authz.isEmpty()) {
            throw new ConfigException("--qmp-tls-authz must be with --qmp-tls-creds");
        }
        Optional<TlsSettings> tls =
                Optional.ofNullable(creds).map(folder -> TlsSettings.of(folder).withAuthz(TlsAuthz.of(authz)));
        return QmpSettings.of(qmp, tls, insecure);
    }
}
