package io.pageferry.cli;

import io.pageferry.checkpoint.Checkpoint;
import io.pageferry.config.ConfigException;
import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.config.PostcopySettings;
import io.pageferry.config.TlsSettings;
import io.pageferry.image.Image;
import io.pageferry.session.Migration;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.OutgoingMigration;
import io.pageferry.session.OutgoingPostcopy;
import io.pageferry.store.StoredImage;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import tools.jackson.databind.node.ObjectNode;

/** {@code send}: replays an image to a destination. */
final class SendCommand extends ReportingCommand {
    private final Value<String> image;
    private final Value<String> uri;
    private final MigrationOptions options;
    private final TlsOptions tls;
    private final StoreOptions storeOptions;
    private final Value<String> tlsHostname;
    private final Value<String> tlsUsername;
    private final Value<OnOff> multifd;
    private final BandwidthOption maxBandwidth;
    private final CompressionEffort effort;
    private final WireOptions wire;
    private final Value<UUID> uuid;
    private final Value<Boolean> validateUuid;
    private final Value<Boolean> zeroCopySend;
    private final Value<Boolean> directIo;
    private final Value<Boolean> postcopy;
    private final Value<OnOff> postcopyPreempt;
    private final Value<Boolean> resume;
    private final Value<Duration> retry;
    private final Value<Duration> wait;

    SendCommand() {
        super(
                "send",
                "Replays an image to a destination: QEMU or another pageferry.",
                "",
                "Completed means that the destination said it has the guest.",
                "");
        image = model.add(
                Value.of(String.class),
                PositionalParamSpec.builder()
                        .index("0")
                        .paramLabel("IMAGE")
                        .description("A mapped-ram image, of pageferry's or QEMU's making: PATH or"
                                + " file:PATH[,offset=N]. With --store its name there, UUID/TIME, or its guest's"
                                + " uuid or name: the newest is sent then."));
        uri = model.add(
                Value.of(String.class),
                PositionalParamSpec.builder()
                        .index("1")
                        .paramLabel("URI")
                        .description("Where it goes: tcp:HOST:PORT ([HOST] for IPv6), unix:PATH, file:PATH[,offset=N]"
                                + " for another image, or JSON as QEMU's migrate has it for channels."));
        options = new MigrationOptions(model);
        tls = new TlsOptions(model);
        storeOptions = new StoreOptions(model, false);
        tlsHostname = model.add(
                Value.of(String.class),
                OptionSpec.builder("--tls-hostname")
                        .paramLabel("HOST")
                        .description("Whom the destination's certificate must be for (default: the host of the URI)."));
        tlsUsername = model.add(
                Value.of(String.class),
                OptionSpec.builder("--tls-username")
                        .paramLabel("USER")
                        .description("Whose key in keys.psk to use; QEMU's username (default: "
                                + TlsSettings.DEFAULT_USERNAME + ")."));
        multifd = model.add(
                Value.of(OnOff.class),
                OptionSpec.builder("--multifd")
                        .paramLabel("on|off")
                        .defaultValue("on")
                        .description("Whether pages go over multifd channels, as the other end has it; off:"
                                + " everything on one connection, for a QEMU without the capability (default:"
                                + " ${DEFAULT-VALUE})."));
        maxBandwidth = new BandwidthOption(model);
        effort = new CompressionEffort(model);
        wire = new WireOptions(model);
        uuid = model.add(
                Value.of(UUID.class),
                OptionSpec.builder("--uuid")
                        .paramLabel("UUID")
                        .description("The guest's uuid, as the destination has it (default: the image's, or none)."));
        validateUuid = model.add(
                Value.flag(),
                OptionSpec.builder("--validate-uuid")
                        .description("Say the uuid in the main stream too, for the destination to compare (default:"
                                + " where the image's source did)."));
        zeroCopySend = model.add(
                Value.flag(),
                OptionSpec.builder("--zero-copy-send")
                        .description("Send pages without copying them into the kernel (MSG_ZEROCOPY). Over TCP,"
                                + " without compression and TLS; needs a high enough limit of locked memory (ulimit"
                                + " -l)."));
        directIo = model.add(
                Value.flag(),
                OptionSpec.builder("--direct-io")
                        .description("Read the image's RAM, and write that of another image, past the page cache"
                                + " (O_DIRECT)."));
        postcopy = model.add(
                Value.flag(),
                OptionSpec.builder("--postcopy")
                        .description("Have the guest run at once, and send its pages as it asks for them. The"
                                + " destination is a QEMU with the capability postcopy-ram and without multifd, which"
                                + " must be ended if it is left before all pages are there."));
        postcopyPreempt = model.add(
                Value.of(OnOff.class),
                OptionSpec.builder("--postcopy-preempt")
                        .paramLabel("on|off")
                        .defaultValue("off")
                        .description("Whether pages that the guest waits for go over a connection of their own, as the"
                                + " destination has the capability postcopy-preempt (default: ${DEFAULT-VALUE})."));
        resume = model.add(
                Value.flag(),
                OptionSpec.builder("--resume")
                        .description("With --postcopy: go on with a guest whose QEMU is postcopy-paused, after"
                                + " migrate-recover there, from the same image."));
        retry = model.add(
                Value.of(Duration.class),
                OptionSpec.builder("--retry")
                        .paramLabel("DURATION")
                        .converters(new MigrationOptions.DurationConverter())
                        .description("With --postcopy: how long to try to go on by itself after a break (default: not"
                                + " at all)."));
        wait = model.add(
                Value.of(Duration.class),
                OptionSpec.builder("--wait")
                        .paramLabel("DURATION")
                        .converters(new MigrationOptions.DurationConverter())
                        .description("How long to try again while the destination does not listen yet (default: not at"
                                + " all)."));
    }

    @Override
    Ending run() throws IOException {
        MigrationUri destination = MigrationUri.parse(uri.get());
        Optional<StoredImage> stored = storeOptions.find(image.get());
        MigrationUri.ImageFile source =
                stored.isPresent() ? storeOptions.fileOf(stored.get()) : ImageArgument.parse(image.get());
        Optional<UUID> guest = Optional.ofNullable(uuid.get()).or(() -> stored.flatMap(StoredImage::guest));
        MigrationParameters.Builder builder = options.parameters()
                .maxBandwidth(maxBandwidth.bytesPerSecond())
                .directIo(directIo.get())
                .connectWait(wait.get() == null ? Duration.ZERO : wait.get())
                .tls(tls.ofClient(destination, tlsHostname.get(), tlsUsername.get()));
        effort.addTo(builder);
        wire.addTo(builder);
        if (multifd.get() == OnOff.OFF || postcopy.get()) {
            refuseWithoutMultifd("--multifd-channels", "--multifd-flush-after-each-section", "--pages-on-main-channel");
            builder.disable(MigrationCapability.MULTIFD);
        }
        if (postcopy.get() && multifd.get() == OnOff.ON && isSet("--multifd")) {
            throw new ConfigException("--multifd must not be on for --postcopy, whose pages go over one connection");
        }
        if (validateUuid.get()) {
            builder.enable(MigrationCapability.VALIDATE_UUID);
        }
        if (zeroCopySend.get()) {
            builder.enable(MigrationCapability.ZERO_COPY_SEND);
        }
        PostcopySettings settings = new PostcopySettings(
                postcopyPreempt.get() == OnOff.ON, resume.get(), retry.get() == null ? Duration.ZERO : retry.get());
        if (!postcopy.get() && !settings.equals(PostcopySettings.DEFAULTS)) {
            throw new ConfigException("--postcopy-preempt, --resume and --retry must not be set without --postcopy");
        }
        MigrationParameters parameters = builder.build();
        OutgoingPostcopy.Opener opener =
                () -> Image.open(source.path(), source.offset(), parameters.maxRam(), directIo.get());
        if (postcopy.get()) {
            return run(OutgoingPostcopy.of(opener, destination, guest, parameters, settings), destination);
        }
        try (Checkpoint opened = opener.open()) {
            return run(OutgoingMigration.of(opened, destination, guest, parameters), destination);
        }
    }

    private Ending run(Migration migration, MigrationUri destination) {
        MigrationOutcome outcome;
        try (ProgressLine _ = new ProgressLine(migration.progress())) {
            outcome = migration.run();
        }
        MigrationReport report = new MigrationReport(outcome);
        List<String> lines = new ArrayList<>();
        lines.add(MigrationReport.row("destination", destination.toString()));
        report.print(lines);
        ObjectNode json = report.toJson().put("image", image.get());
        if (postcopy.get()) {
            report.addLatenciesTo(json);
        }
        return Ending.of(outcome, json, lines);
    }

    /** What is set for channels that there are to be none of was meant otherwise. */
    private void refuseWithoutMultifd(String... options) {
        for (String option : options) {
            if (isSet(option)) {
                throw new ConfigException(option + " must not be set where multifd is off: "
                        + (postcopy.get() ? "--postcopy" : "--multifd=off"));
            }
        }
    }
}
