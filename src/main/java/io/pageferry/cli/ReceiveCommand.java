package io.pageferry.cli;

import io.pageferry.config.ByteSize;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.image.Image;
import io.pageferry.image.PendingImage;
import io.pageferry.net.Listener;
import io.pageferry.net.tls.TlsSecurity;
import io.pageferry.session.CheckpointDestination;
import io.pageferry.session.IncomingMigration;
import io.pageferry.session.MigrationOutcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code receive}: waits for one migration and stores it. */
final class ReceiveCommand extends ReportingCommand {
    private final Value<String> uri;
    private final Value<Path> image;
    private final MigrationOptions options;
    private final IntakeOptions intake;
    private final ImageAccessOptions imageAccess;
    private final Value<UUID> uuid;

    ReceiveCommand() {
        super(
                "receive",
                "Waits for one migration and stores it as a mapped-ram image, which QEMU 9.0 and later loads as it is.",
                "",
                "The source needs the capability multifd, and should have return-path: then it lets go of its guest"
                        + " only when the image is on disk.",
                "");
        uri = model.add(
                Value.of(String.class),
                PositionalParamSpec.builder()
                        .index("0")
                        .paramLabel("URI")
                        .description("Where the migration arrives:"
                                + " tcp:HOST:PORT[,to=PORT][,ipv4=on|off][,ipv6=on|off] (port 0: any free one; [HOST]"
                                + " for IPv6), unix:PATH, file:PATH[,offset=N], or JSON as QEMU's migrate has it for"
                                + " channels."));
        image = model.add(
                Value.of(Path.class),
                PositionalParamSpec.builder()
                        .index("1")
                        .paramLabel("IMAGE")
                        .description("The image to write; one that is there stays until the new one is complete."));
        options = new MigrationOptions(model);
        intake = new IntakeOptions(model);
        imageAccess = new ImageAccessOptions(model);
        uuid = model.add(
                Value.of(UUID.class),
                OptionSpec.builder("--uuid").paramLabel("UUID").description("Refuse another guest than this."));
    }

    @Override
    Ending run() throws IOException {
        MigrationUri source = MigrationUri.parse(uri.get());
        MigrationParameters parameters =
                intake.addTo(options.parameters(), source).build();
        try (CheckpointDestination destination = CheckpointDestination.of(
                PendingImage.at(image.get(), parameters.directIo(), imageAccess.access()), parameters)) {
            if (source instanceof MigrationUri.ImageFile file) {
                try (Image saved = Image.open(file.path(), file.offset(), parameters.maxRam(), parameters.directIo())) {
                    return run(IncomingMigration.from(saved, parameters, destination));
                }
            }
            try (Listener listener =
                    Listener.open(source, parameters.multifdChannels() + 1, TlsSecurity.ofServer(parameters.tls()))) {
                System.err.println("listening on " + listener.uri());
                return run(IncomingMigration.from(listener, Optional.ofNullable(uuid.get()), parameters, destination));
            }
        }
    }

    private Ending run(IncomingMigration migration) {
        MigrationOutcome outcome;
        try (ProgressLine _ = new ProgressLine(migration.progress())) {
            outcome = migration.run();
        }
        MigrationReport report = new MigrationReport(outcome);
        List<String> lines = new ArrayList<>();
        long deviceState = outcome.progress().stats().deviceStateBytes.sum();
        lines.add(MigrationReport.row("image", image.get() + ", " + ByteSize.format(deviceState) + " of device state"));
        report.print(lines);
        return Ending.of(outcome, report.toJson().put("image", image.get().toString()), lines);
    }
}
