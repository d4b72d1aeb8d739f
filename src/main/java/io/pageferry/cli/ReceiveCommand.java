package io.pageferry.cli;

import io.pageferry.config.ByteSize;
import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.image.Image;
import io.pageferry.net.Listener;
import io.pageferry.session.ImageDestination;
import io.pageferry.session.IncomingMigration;
import io.pageferry.session.MigrationOutcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code receive}: waits for one migration and stores it. */
@Command(
        name = "receive",
        description = {
            "Waits for one migration and stores it as a mapped-ram image, which QEMU 9.0 and later loads as it is.",
            "",
            "The source needs the capability multifd, and should have return-path: then it lets go of its guest only when the image is on disk.",
            ""
        })
final class ReceiveCommand extends ReportingCommand {
    @Parameters(
            index = "0",
            paramLabel = "URI",
            description =
                    "Where the migration arrives: tcp:HOST:PORT (port 0: any free one; [HOST] for IPv6), unix:PATH, file:PATH[,offset=N],"
                            + " or JSON as QEMU's migrate has it for channels.")
    private String uri;

    @Parameters(
            index = "1",
            paramLabel = "IMAGE",
            description = "The image to write; one that is there stays until the new one is complete.")
    private Path image;

    @Mixin
    private MigrationOptions options;

    @Mixin
    private TlsOptions tls;

    @Option(
            names = "--tls-authz",
            paramLabel = "[deny:][glob:]NAME",
            description = {
                "Which clients are let in, by the distinguished name of their certificate, such as CN=laptop,O=Home; with glob: as a pattern, with"
                        + " deny: who is not. May be given again: the first that fits decides, and who fits none is refused"
                        + " (default: all that have a good certificate)."
            })
    private List<String> tlsAuthz = List.of();

    @Option(names = "--uuid", paramLabel = "UUID", description = "Refuse another guest than this.")
    private UUID uuid;

    @Option(
            names = "--page-size",
            paramLabel = "SIZE",
            converter = MigrationOptions.PageSizeConverter.class,
            description =
                    "The guest's page size, where its source does not say it (default: 8k for sun4u and a few more machines, 4k for all others).")
    private Integer pageSize;

    @Option(
            names = "--switchover-ack",
            description =
                    "Tell the source that it may switch over. Where its machine type is of QEMU 8.1 or newer that is done anyway.")
    private boolean switchoverAck;

    @Option(
            names = "--x-ignore-shared",
            description =
                    "Take a guest whose source has x-ignore-shared on: the RAM of its shared blocks stays in their files, and is not in the image.")
    private boolean ignoreShared;

    @Option(names = "--direct-io", description = "Write the guest's RAM past the page cache (O_DIRECT).")
    private boolean directIo;

    @Override
    Ending run() throws IOException {
        MigrationUri source = MigrationUri.parse(uri);
        MigrationParameters parameters = parameters(source);
        try (ImageDestination destination = ImageDestination.create(image, 0, parameters)) {
            if (source instanceof MigrationUri.ImageFile file) {
                try (Image saved = Image.open(file.path(), file.offset(), parameters.maxRam(), parameters.directIo())) {
                    return run(IncomingMigration.from(saved, parameters, destination));
                }
            }
            try (Listener listener = Listener.open(source, parameters.multifdChannels() + 1, parameters.tls())) {
                System.err.println("listening on " + listener.uri());
                return run(IncomingMigration.from(listener, uuid, parameters, destination));
            }
        }
    }

    private MigrationParameters parameters(MigrationUri source) {
        MigrationParameters.Builder builder =
                options.parameters().directIo(directIo).pageSize(pageSize).tls(tls.ofServer(source, tlsAuthz));
        if (switchoverAck) {
            builder.enable(MigrationCapability.SWITCHOVER_ACK);
        }
        if (ignoreShared) {
            builder.enable(MigrationCapability.X_IGNORE_SHARED);
        }
        return builder.build();
    }

    private Ending run(IncomingMigration migration) {
        MigrationOutcome outcome;
        try (ProgressLine _ = new ProgressLine(migration.progress())) {
            outcome = migration.run();
        }
        MigrationReport report = new MigrationReport(outcome);
        List<String> lines = new ArrayList<>();
        long deviceState = outcome.progress().stats().deviceStateBytes.sum();
        lines.add(MigrationReport.row("image", image + ", " + ByteSize.format(deviceState) + " of device state"));
        report.print(lines);
        return Ending.of(outcome, report.toJson().put("image", image.toString()), lines);
    }
}
