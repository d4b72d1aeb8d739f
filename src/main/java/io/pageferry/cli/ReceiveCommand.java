package io.pageferry.cli;

import io.pageferry.config.ByteSize;
import io.pageferry.config.ConfigException;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.image.Image;
import io.pageferry.image.PendingImage;
import io.pageferry.net.Listener;
import io.pageferry.net.tls.TlsSecurity;
import io.pageferry.session.CheckpointDestination;
import io.pageferry.session.Destination;
import io.pageferry.session.IncomingMigration;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.store.ImageStore;
import io.pageferry.store.StoreDestination;
import io.pageferry.store.folder.FolderStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code receive}: waits for one migration and stores it. */
final class ReceiveCommand extends ReportingCommand {
    private final Value<String> uri;
    private final Value<Path> image;
    private final Value<Path> store;
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
                Value.of(Path.class).orNone(),
                PositionalParamSpec.builder()
                        .index("1")
                        .paramLabel("IMAGE")
                        .description(
                                "The image to write; one that is there stays until the new one is complete. Without"
                                        + " --store it must be given."));
        store = model.add(
                Value.of(Path.class),
                OptionSpec.builder("--store")
                        .paramLabel("DIR")
                        .description("File the guest in a folder of images, by its uuid and the time, as serve does;"
                                + " a server may have the folder at the same time."));
        options = MigrationOptions.ofAnyChannels(model);
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
        if ((image.get() == null) == (store.get() == null)) {
            throw new ConfigException("IMAGE or --store must say where the guest is kept, and not both");
        }
        if (store.get() == null) {
            try (CheckpointDestination destination = CheckpointDestination.of(
                    PendingImage.at(image.get(), parameters.directIo(), imageAccess.access()), parameters)) {
                return receive(source, parameters, destination, image.get()::toString);
            }
        }
        try (ImageStore images = FolderStore.join(store.get(), Clock.systemUTC(), imageAccess.access());
                StoreDestination destination =
                        images.receive(Optional.ofNullable(uuid.get()), Optional.empty(), parameters)) {
            return receive(source, parameters, destination, destination::location);
        }
    }

    private Ending receive(
            MigrationUri source, MigrationParameters parameters, Destination destination, Supplier<String> location)
            throws IOException {
        if (source instanceof MigrationUri.ImageFile file) {
            try (Image saved = Image.open(file.path(), file.offset(), parameters.maxRam(), parameters.directIo())) {
                return run(IncomingMigration.from(saved, parameters, destination), location);
            }
        }
        try (Listener listener =
                Listener.open(source, parameters.multifdChannels() + 1, TlsSecurity.ofServer(parameters.tls()))) {
            Stderr.announce("listening on " + listener.uri());
            return run(
                    IncomingMigration.from(listener, Optional.ofNullable(uuid.get()), parameters, destination),
                    location);
        }
    }

    private Ending run(IncomingMigration migration, Supplier<String> location) {
        MigrationOutcome outcome;
        try (ProgressLine _ = new ProgressLine(migration.progress())) {
            outcome = migration.run();
        }
        MigrationReport report = new MigrationReport(outcome);
        List<String> lines = new ArrayList<>();
        long deviceState = outcome.progress().stats().deviceStateBytes.sum();
        lines.add(MigrationReport.row(
                "image", location.get() + ", " + ByteSize.format(deviceState) + " of device state"));
        report.print(lines);
        return Ending.of(outcome, report.toJson().put("image", location.get()), lines);
    }
}
