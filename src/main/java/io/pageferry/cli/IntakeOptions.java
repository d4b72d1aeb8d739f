package io.pageferry.cli;

import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of who takes guests in. */
final class IntakeOptions {
    @Mixin
    private TlsOptions tls;

    @Option(
            names = "--tls-authz",
            paramLabel = "[deny:][glob:]NAME",
            description = {
                "Which clients are let in, by the distinguished name of their certificate, such as CN=laptop,O=Home;"
                        + " with glob: as a pattern, with"
                        + " deny: who is not. May be given again: the first that fits decides, and who fits none is"
                        + " refused"
                        + " (default: all that have a good certificate)."
            })
    private List<String> tlsAuthz = List.of();

    @Option(
            names = "--page-size",
            paramLabel = "SIZE",
            converter = MigrationOptions.PageSizeConverter.class,
            description =
                    "The guest's page size, where its source does not say it (default: 8k for sun4u and a few more"
                            + " machines, 4k for all others).")
    private Integer pageSize;

    @Option(
            names = "--switchover-ack",
            description = "Tell the source that it may switch over. With machine types of QEMU 8.1 to 11.0 that is done"
                    + " anyway,"
                    + " and with newer ones never: they do not wait for it, and fail if they are told.")
    private boolean switchoverAck;

    @Option(
            names = "--x-ignore-shared",
            description =
                    "Take a guest whose source has x-ignore-shared on: the RAM of its shared blocks stays in their"
                            + " files, and is not in the image.")
    private boolean ignoreShared;

    @Option(names = "--direct-io", description = "Write the guest's RAM past the page cache (O_DIRECT).")
    private boolean directIo;

    /** Adds them to the parameters of a migration from somewhere. */
    MigrationParameters.Builder addTo(MigrationParameters.Builder builder, MigrationUri source) {
        builder.directIo(directIo).pageSize(pageSize).tls(tls.ofServer(source, tlsAuthz));
        if (switchoverAck) {
            builder.enable(MigrationCapability.SWITCHOVER_ACK);
        }
        if (ignoreShared) {
            builder.enable(MigrationCapability.X_IGNORE_SHARED);
        }
        return builder;
    }
}
