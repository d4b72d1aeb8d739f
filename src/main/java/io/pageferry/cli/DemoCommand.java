package io.pageferry.cli;

import io.pageferry.config.ByteSize;
import io.pageferry.config.MigrationParameters;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.session.MemoryDestination;
import io.pageferry.session.MigrationOutcome;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code demo}: a guest of our own, live, from one endpoint to another over loopback, every page compared afterwards.
 */
final class DemoCommand extends ReportingCommand {
    private final Value<Long> size;
    private final Value<Long> dirtyRate;
    private final Value<Double> zeroShare;
    private final Value<Double> compressibility;
    private final Value<Long> seed;
    private final Value<Long> downtimeLimit;
    private final BandwidthOption maxBandwidth;
    private final Value<Integer> multifdChannels;

    DemoCommand() {
        super(
                "demo",
                "A live synthetic guest migrates from one endpoint to another over loopback; every page is verified"
                        + " afterwards. Needs no QEMU.",
                "");
        size = model.add(
                Value.of(long.class),
                OptionSpec.builder("--size")
                        .paramLabel("SIZE")
                        .defaultValue("1G")
                        .converters(new MigrationOptions.SizeConverter())
                        .description("The guest's RAM (default: ${DEFAULT-VALUE})."));
        dirtyRate = model.add(
                Value.of(long.class),
                OptionSpec.builder("--dirty-rate")
                        .paramLabel("SIZE")
                        .defaultValue("400M")
                        .converters(new MigrationOptions.SizeConverter())
                        .description("Bytes a second that the guest dirties (default: ${DEFAULT-VALUE})."));
        zeroShare = model.add(
                Value.of(double.class),
                OptionSpec.builder("--zero-share")
                        .paramLabel("SHARE")
                        .defaultValue("0.25")
                        .description("Share of the guest's pages that is zero, 0 to 1 (default: ${DEFAULT-VALUE})."));
        compressibility = model.add(
                Value.of(double.class),
                OptionSpec.builder("--compressibility")
                        .paramLabel("SHARE")
                        .defaultValue("0.5")
                        .description("Share of a page that repeats itself, 0 to 1 (default: ${DEFAULT-VALUE})."));
        seed = model.add(
                Value.of(long.class),
                OptionSpec.builder("--seed")
                        .paramLabel("N")
                        .defaultValue("1")
                        .description("Of everything random about the guest (default: ${DEFAULT-VALUE})."));
        downtimeLimit = model.add(
                Value.of(long.class),
                OptionSpec.builder("--downtime-limit")
                        .paramLabel("MS")
                        .defaultValue("50")
                        .description("How long the guest may stand still at the end (default: ${DEFAULT-VALUE})."));
        maxBandwidth = new BandwidthOption(model);
        multifdChannels = model.add(
                Value.of(int.class),
                OptionSpec.builder("--multifd-channels")
                        .paramLabel("N")
                        .defaultValue("4")
                        .description("Multifd channels beside the main one, 1 to 255 (default: ${DEFAULT-VALUE})."));
    }

    @Override
    Ending run() throws IOException, InterruptedException {
        GuestShape shape =
                new GuestShape(size.get(), dirtyRate.get(), zeroShare.get(), compressibility.get(), seed.get());
        MigrationParameters parameters = MigrationParameters.builder()
                .multifdChannels(multifdChannels.get())
                .downtimeLimit(Duration.ofMillis(downtimeLimit.get()))
                .maxBandwidth(maxBandwidth.bytesPerSecond())
                .maxRam(size.get())
                .build();
        try (SyntheticGuest guest = new SyntheticGuest(shape);
                MemoryDestination destination = new MemoryDestination();
                LoopbackMigration migration =
                        new LoopbackMigration(new SyntheticOutgoingGuest(guest), destination, parameters)) {
            MigrationOutcome outcome = migrate(guest, migration);
            if (outcome.completed()) {
                outcome = LoopbackMigration.verify(outcome, guest.memory(), destination.memory());
            }
            return report(outcome, guest.memory().layout().totalPages());
        }
    }

    private static MigrationOutcome migrate(SyntheticGuest guest, LoopbackMigration migration)
            throws InterruptedException {
        try (ProgressLine _ = new ProgressLine(migration.progress())) {
            guest.start();
            return migration.run();
        }
    }

    private Ending report(MigrationOutcome outcome, long pages) {
        MigrationReport report = new MigrationReport(outcome);
        ObjectNode object = report.toJson();
        object.put("downtime-limit", downtimeLimit.get());
        object.put("verified-pages", outcome.completed() ? pages : 0);
        report.addLatenciesTo(object);
        return Ending.of(outcome, object, lines(outcome, report, pages));
    }

    private List<String> lines(MigrationOutcome outcome, MigrationReport report, long pages) {
        List<String> lines = new ArrayList<>();
        lines.add(MigrationReport.row(
                "guest",
                ByteSize.format(size.get()) + ", dirties " + ByteSize.format(dirtyRate.get()) + "/s, zero share "
                        + zeroShare.get() + ", compressibility " + compressibility.get()));
        report.print(lines);
        lines.add(MigrationReport.row("downtime-limit", downtimeLimit.get() + " ms"));
        lines.add(MigrationReport.row(
                "rounds", outcome.progress().stats().dirtySyncCount.sum() + ", the last one with the guest stopped"));
        lines.add(MigrationReport.row("verified", pages + " pages, all as they were sent"));
        report.printChannels(lines);
        report.printLatencies(lines);
        return lines;
    }
}
