package io.pageferry.cli;

import io.pageferry.config.ConfigException;
import io.pageferry.config.TlsAuthz;
import io.pageferry.config.TlsSettings;
import io.pageferry.control.qmp.QmpSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.OptionSpec;

/** Options of who drives a server over QMP. */
final class QmpOptions {
    private final Value<List<String>> qmp;
    private final Value<Path> creds;
    private final Value<List<String>> authz;
    private final Value<Boolean> insecure;

    QmpOptions(CommandModel model) {
        qmp = model.add(
                Value.ofList(String.class),
                OptionSpec.builder("--qmp")
                        .paramLabel("URI")
                        .description("Where QMP clients connect: unix:PATH (which nobody but this user can open) or"
                                + " tcp:HOST:PORT. Who can connect may do everything. An address that is not of"
                                + " loopback must be with --qmp-tls-creds. May be given again."));
        creds = model.add(
                Value.of(Path.class),
                OptionSpec.builder("--qmp-tls-creds")
                        .paramLabel("DIR")
                        .description("Put QMP's TCP connections under TLS, with a folder as of --tls-creds. Clients"
                                + " must have a good certificate (or pre-shared key)."));
        authz = model.add(
                Value.ofList(String.class),
                OptionSpec.builder("--qmp-tls-authz")
                        .paramLabel("[deny:][glob:]NAME")
                        .description("Which QMP clients are let in, by the distinguished name of their certificate,"
                                + " as --tls-authz has it. May be given again."));
        insecure = model.add(
                Value.flag(),
                OptionSpec.builder("--qmp-insecure")
                        .description("Let whoever can connect do everything over QMP, at addresses that are not of"
                                + " loopback too, without TLS."));
    }

    /** What was asked for. */
    QmpSettings settings() {
        if (qmp.get().isEmpty() && (creds.get() != null || insecure.get())) {
            throw new ConfigException("--qmp-tls-creds and --qmp-insecure must be with --qmp");
        }
        if (creds.get() == null && !authz.get().isEmpty()) {
            throw new ConfigException("--qmp-tls-authz must be with --qmp-tls-creds");
        }
        Optional<TlsSettings> tls = Optional.ofNullable(creds.get())
                .map(folder -> TlsSettings.of(folder).withAuthz(TlsAuthz.of(authz.get())));
        return QmpSettings.of(qmp.get(), tls, insecure.get());
    }
}
