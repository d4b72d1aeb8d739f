package io.pageferry.cli;

import io.pageferry.config.ByteSize;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.memory.GuestMemory;
import io.pageferry.memory.RamBlock;
import io.pageferry.net.Listener;
import io.pageferry.session.IncomingMigration;
import io.pageferry.session.MemoryDestination;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.OutgoingMigration;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code demo}: a guest of our own, live, from one endpoint to another over loopback, every page compared afterwards. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "A live synthetic guest migrates from one endpoint to another over loopback; every page is verified afterwards. Needs no QEMU.",
            ""
        })
final class DemoCommand implements Callable<Integer> {
    private static final MigrationUri ANY_PORT = new MigrationUri.Tcp("127.0.0.1", 0);

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            defaultValue = "1G",
            converter = MigrationOptions.SizeConverter.class,
            description = "The guest's RAM (default: ${DEFAULT-VALUE}).")
    private long size;

    @Option(
            names = "--dirty-rate",
            paramLabel = "SIZE",
            defaultValue = "400M",
            converter = MigrationOptions.SizeConverter.class,
            description = "Bytes a second that the guest dirties (default: ${DEFAULT-VALUE}).")
    private long dirtyRate;

    @Option(
            names = "--zero-share",
            paramLabel = "SHARE",
            defaultValue = "0.25",
            description = "Share of the guest's pages that is zero, 0 to 1 (default: ${DEFAULT-VALUE}).")
    private double zeroShare;

    @Option(
            names = "--compressibility",
            paramLabel = "SHARE",
            defaultValue = "0.5",
            description = "Share of a page that repeats itself, 0 to 1 (default: ${DEFAULT-VALUE}).")
    private double compressibility;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Of everything random about the guest (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--downtime-limit",
            paramLabel = "MS",
            defaultValue = "50",
            description = "How long the guest may stand still at the end (default: ${DEFAULT-VALUE}).")
    private long downtimeLimit;

    @Option(
            names = "--max-bandwidth",
            paramLabel = "SIZE",
            defaultValue = "0",
            converter = MigrationOptions.SizeConverter.class,
            description = "The most to send, in bytes a second; 0: no limit (default).")
    private long maxBandwidth;

    @Option(
            names = "--multifd-channels",
            paramLabel = "N",
            defaultValue = "4",
            description = "Multifd channels beside the main one, 1 to 255 (default: ${DEFAULT-VALUE}).")
    private int multifdChannels;

    @Option(names = "--json", description = "Print the result as one JSON object, shaped like QMP's query-migrate.")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        GuestShape shape = new GuestShape(size, dirtyRate, zeroShare, compressibility, seed);
        MigrationParameters parameters = MigrationParameters.builder()
                .multifdChannels(multifdChannels)
                .downtimeLimit(Duration.ofMillis(downtimeLimit))
                .maxBandwidth(maxBandwidth)
                .maxRam(size)
                .build();
        try (SyntheticGuest guest = new SyntheticGuest(shape);
                MemoryDestination destination = new MemoryDestination()) {
            MigrationOutcome outcome = migrate(guest, destination, parameters);
            long verified = outcome.completed() ? verify(guest.memory(), destination.memory()) : 0;
            return MigrationRunner.report(
                    outcome,
                    json,
                    object -> {
                        object.put("verified-pages", verified);
                        new MigrationReport(outcome).addLatenciesTo(object);
                    },
                    lines -> print(lines, outcome, verified));
        }
    }

    private static MigrationOutcome migrate(
            SyntheticGuest guest, MemoryDestination destination, MigrationParameters parameters)
            throws IOException, InterruptedException {
        Listener listener = Listener.open(ANY_PORT, parameters.multifdChannels() + 1);
        IncomingMigration incoming = IncomingMigration.from(listener, null, parameters, destination);
        OutgoingMigration outgoing =
                OutgoingMigration.of(new SyntheticOutgoingGuest(guest), listener.uri(), null, parameters);
        AtomicReference<MigrationOutcome> received = new AtomicReference<>();
        Thread receiver = Thread.ofVirtual().name("receiver").start(() -> received.set(incoming.run()));
        try (ProgressLine _ = new ProgressLine(outgoing.progress())) {
            guest.start();
            MigrationOutcome sent = outgoing.run();
            // The one that failed first says why; the other only finds its peer gone.
            if (!sent.completed()) {
                receiver.interrupt();
            }
            receiver.join();
            return sent;
        } finally {
            receiver.interrupt();
        }
    }

    /** Compares all of the two guests' RAM, which stand still. */
    private static long verify(GuestMemory source, GuestMemory arrived) throws IOException {
        for (RamBlock block : source.layout().blocks()) {
            MemorySegment sent = source.region(block).segment();
            long mismatch = sent.mismatch(arrived.region(block).segment());
            if (mismatch >= 0) {
                throw new IOException("page must arrive as it was sent: block=" + block.name() + " offset=0x"
                        + Long.toHexString(mismatch));
            }
        }
        return source.layout().totalPages();
    }

    private void print(List<String> lines, MigrationOutcome outcome, long verified) {
        MigrationReport report = new MigrationReport(outcome);
        lines.add(MigrationReport.row(
                "guest",
                ByteSize.format(size) + ", dirties " + ByteSize.format(dirtyRate) + "/s, zero share " + zeroShare
                        + ", compressibility " + compressibility));
        report.print(lines);
        lines.add(MigrationReport.row(
                "rounds", outcome.progress().stats().dirtySyncCount.sum() + ", the last one with the guest stopped"));
        lines.add(MigrationReport.row("verified", verified + " pages, all as they were sent"));
        report.printChannels(lines);
        report.printLatencies(lines);
    }
}
