package io.pageferry.cli;

import io.pageferry.config.ConfigException;
import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.config.TlsSettings;
import io.pageferry.config.ZeroPageDetection;
import io.pageferry.image.Image;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.OutgoingMigration;
import io.pageferry.store.StoredImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code send}: replays an image to a destination. */
@Command(
        name = "send",
        description = {
            "Replays an image to a destination: QEMU or another pageferry.",
            "",
            "Completed means that the destination said it has the guest.",
            ""
        })
final class SendCommand extends ReportingCommand {
    @Parameters(
            index = "0",
            paramLabel = "IMAGE",
            description =
                    "A mapped-ram image, of pageferry's or QEMU's making: PATH or file:PATH[,offset=N]. With --store"
                            + " its name there,"
                            + " UUID/TIME, or its guest's uuid: the newest is sent then.")
    private String image;

    @Parameters(
            index = "1",
            paramLabel = "URI",
            description =
                    "Where it goes: tcp:HOST:PORT ([HOST] for IPv6), unix:PATH, file:PATH[,offset=N] for another image,"
                            + " or JSON as QEMU's migrate has it for channels.")
    private String uri;

    @Mixin
    private MigrationOptions options;

    @Mixin
    private TlsOptions tls;

    @Mixin
    private StoreOptions storeOptions;

    @Option(
            names = "--tls-hostname",
            paramLabel = "HOST",
            description = "Whom the destination's certificate must be for (default: the host of the URI).")
    private String tlsHostname;

    @Option(
            names = "--tls-username",
            paramLabel = "USER",
            description =
                    "Whose key in keys.psk to use; QEMU's username (default: " + TlsSettings.DEFAULT_USERNAME + ").")
    private String tlsUsername;

    @Option(
            names = "--multifd",
            paramLabel = "on|off",
            defaultValue = "on",
            description = "Whether pages go over multifd channels, as the other end has it; off: everything on one"
                    + " connection, for a QEMU without the capability (default: ${DEFAULT-VALUE}).")
    private OnOff multifd;

    @Mixin
    private BandwidthOption maxBandwidth;

    @Option(
            names = "--multifd-zlib-level",
            paramLabel = "N",
            defaultValue = "1",
            description = "Effort of zlib: 0 (none) to 9; 1 to 3 are much faster where libisal.so.2 is installed"
                    + " (default: ${DEFAULT-VALUE}).")
    private int zlibLevel;

    @Option(
            names = "--multifd-zstd-level",
            paramLabel = "N",
            defaultValue = "1",
            description = "Effort of zstd: 1 to 20, 0 for its own default (default: ${DEFAULT-VALUE}).")
    private int zstdLevel;

    @Option(
            names = "--multifd-qatzip-level",
            paramLabel = "N",
            defaultValue = "1",
            description = "Effort of qatzip: 1 to 9; 1 to 3 are much faster where libisal.so.2 is installed (default:"
                    + " ${DEFAULT-VALUE}).")
    private int qatzipLevel;

    @Option(
            names = "--multifd-uadk-raw",
            paramLabel = "on|off",
            defaultValue = "off",
            description = "Whether uadk sends pages as they are: a QEMU on a machine without that accelerator takes no"
                    + " others (default: ${DEFAULT-VALUE}).")
    private OnOff uadkRaw;

    @Option(
            names = "--zero-page-detection",
            paramLabel = "none|legacy|multifd",
            description = "Who looks for zero pages, and how they are sent (default: multifd; legacy for machine types"
                    + " before 9.0, as in QEMU, and those that are not known).")
    private ZeroPageDetection zeroPageDetection;

    @Option(
            names = "--multifd-flush-after-each-section",
            paramLabel = "on|off|auto",
            defaultValue = "auto",
            description =
                    "Where the destination expects syncs, as QEMU's property of the same name; auto: as the source"
                            + " did, where that is kept with the image, or else as the machine type has it: on up to"
                            + " 8.0 (default: ${DEFAULT-VALUE}).")
    private OnOffAuto flushAfterEachSection;

    @Option(
            names = "--pages-on-main-channel",
            description = "Send pages over the main channel and leave the multifd channels empty: slower, and right for"
                    + " every destination (default: where the machine type is not known, and"
                    + " --multifd-flush-after-each-section is auto).")
    private boolean pagesOnMainChannel;

    @Option(
            names = "--uuid",
            paramLabel = "UUID",
            description = "The guest's uuid, as the destination has it (default: the image's, or none).")
    private UUID uuid;

    @Option(
            names = "--validate-uuid",
            description =
                    "Say the uuid in the main stream too, for the destination to compare (default: where the image's"
                            + " source did).")
    private boolean validateUuid;

    @Option(
            names = "--zero-copy-send",
            description =
                    "Send pages without copying them into the kernel (MSG_ZEROCOPY). Over TCP, without compression and"
                            + " TLS; needs a high enough"
                            + " limit of locked memory (ulimit -l).")
    private boolean zeroCopySend;

    @Option(
            names = "--direct-io",
            description = "Read the image's RAM, and write that of another image, past the page cache (O_DIRECT).")
    private boolean directIo;

    @Override
    Ending run() throws IOException {
        MigrationUri destination = MigrationUri.parse(uri);
        Optional<StoredImage> stored = storeOptions.find(image);
        MigrationUri.ImageFile source =
                stored.isPresent() ? storeOptions.fileOf(stored.get()) : ImageArgument.parse(image);
        Optional<UUID> guest = Optional.ofNullable(uuid).or(() -> stored.flatMap(StoredImage::guest));
        MigrationParameters.Builder builder = options.parameters()
                .maxBandwidth(maxBandwidth.bytesPerSecond())
                .zlibLevel(zlibLevel)
                .zstdLevel(zstdLevel)
                .qatzipLevel(qatzipLevel)
                .uadkRaw(uadkRaw == OnOff.ON)
                .zeroPageDetection(zeroPageDetection)
                .flushAfterEachSection(flushAfterEachSection.value().orElse(null))
                .pagesOnMainChannel(pagesOnMainChannel)
                .directIo(directIo)
                .tls(tls.ofClient(destination, tlsHostname, tlsUsername));
        if (multifd == OnOff.OFF) {
            refuseWithoutMultifd("--multifd-channels", "--multifd-flush-after-each-section", "--pages-on-main-channel");
            builder.disable(MigrationCapability.MULTIFD);
        }
        if (validateUuid) {
            builder.enable(MigrationCapability.VALIDATE_UUID);
        }
        if (zeroCopySend) {
            builder.enable(MigrationCapability.ZERO_COPY_SEND);
        }
        MigrationParameters parameters = builder.build();
        try (Image opened = Image.open(source.path(), source.offset(), parameters.maxRam(), directIo)) {
            OutgoingMigration migration = OutgoingMigration.of(opened, destination, guest, parameters);
            MigrationOutcome outcome;
            try (ProgressLine _ = new ProgressLine(migration.progress())) {
                outcome = migration.run();
            }
            MigrationReport report = new MigrationReport(outcome);
            List<String> lines = new ArrayList<>();
            lines.add(MigrationReport.row("destination", destination.toString()));
            report.print(lines);
            return Ending.of(outcome, report.toJson().put("image", image), lines);
        }
    }

    /** What is set for channels that there are to be none of was meant otherwise. */
    private void refuseWithoutMultifd(String... options) {
        for (String option : options) {
            if (isSet(option)) {
                throw new ConfigException(option + " must not be set where multifd is off: --multifd=off");
            }
        }
    }
}
