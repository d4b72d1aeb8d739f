package io.pageferry.perf;

import io.pageferry.config.ByteSize;
import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.load.run.Ballast;
import io.pageferry.send.OutgoingGuest;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.OutgoingMigration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.StructuredTaskScope;
import java.util.concurrent.StructuredTaskScope.Joiner;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Whether many small guests get through one server as fast as a large one. This process is the source of all; the
 * server is a packaged one, with one port and a store, and tells guests apart by their uuid, of which each has its own.
 *
 * <p>Images go after a few seconds, so that the store needs no room for all of them: removing them is in the small
 * guests' time. The large one has a store that was emptied before.
 */
@Command(
        name = "many-guests",
        mixinStandardHelpOptions = true,
        description = "Compares many small migrations through one server with one large one.")
public final class ManyGuests implements Callable<Integer> {
    private static final String HEAP = "512m";
    private static final int KEEP_SECONDS = 3;
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Duration TURN_LIMIT = Duration.ofMinutes(5);
    private static final int DIGITS = 3;

    @Option(names = "--migrations", defaultValue = "1000", description = "A turn's (default: ${DEFAULT-VALUE}).")
    private int migrations;

    @Option(names = "--at-once", defaultValue = "16", description = "The most under way (default: ${DEFAULT-VALUE}).")
    private int atOnce;

    @Option(names = "--size", defaultValue = "16M", description = "A small guest's (default: ${DEFAULT-VALUE}).")
    private String size;

    @Option(names = "--large", defaultValue = "2G", description = "The large guest's (default: ${DEFAULT-VALUE}).")
    private String large;

    @Option(names = "--channels", defaultValue = "4", description = "Of each guest (default: ${DEFAULT-VALUE}).")
    private int channels;

    @Option(names = "--turns", defaultValue = "5", description = "Turns that count (default: ${DEFAULT-VALUE}).")
    private int turns;

    @Option(
            names = "--store",
            paramLabel = "DIR",
            defaultValue = "/dev/shm",
            description =
                    "Where the store is made, and removed afterwards (default: ${DEFAULT-VALUE}, which is memory).")
    private Path storeParent;

    private final List<SyntheticGuest> guests = new ArrayList<>();
    private MigrationParameters parameters;
    private ServerProcess server;
    private long lastUuid;

    private ManyGuests() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new ManyGuests()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        System.out.println(Machine.describe());
        parameters = MigrationParameters.builder()
                .multifdChannels(channels)
                .enable(MigrationCapability.VALIDATE_UUID)
                .stallTimeout(PATIENCE)
                .build();
        Path output = Files.createTempDirectory("thousand");
        Path store = Files.createTempDirectory(storeParent, "thousand");
        Path collections = output.resolve("gc.log");
        List<String> arguments = List.of(
                "--multifd-channels", "" + channels, "--keep-for", KEEP_SECONDS + "s", "--max-migrations", "1000");
        try (ServerProcess started =
                        ServerProcess.start(output, store, HEAP, List.of("-Xlog:gc:file=" + collections), arguments);
                SyntheticGuest folded = new SyntheticGuest(shape(atOnce * ByteSize.parse(size), 0))) {
            server = started;
            for (int i = 1; i <= atOnce; i++) {
                guests.add(new SyntheticGuest(shape(ByteSize.parse(size), i)));
            }
            compare(folded);
            System.out.println("server's heap, MiB: " + HeapPeaks.of(collections) + ", -Xmx" + HEAP);
        } finally {
            guests.forEach(SyntheticGuest::close);
            Folders.delete(store);
            Folders.delete(output);
        }
        return 0;
    }

    private static GuestShape shape(long bytes, int seed) {
        return new GuestShape(bytes, 0, 0, 0, seed);
    }

    private void compare(SyntheticGuest folded) throws Exception {
        List<Double> ratios = new ArrayList<>();
        List<Double> largeRates = new ArrayList<>();
        List<Double> smallRates = new ArrayList<>();
        Latencies all = new Latencies();
        for (int turn = 0; turn <= turns; turn++) {
            double largeRate = measureLarge(folded);
            Latencies latencies = new Latencies();
            double smallRate = measureSmall(latencies);
            System.out.printf(
                    Locale.ROOT,
                    "%-8s large %.2f GB/s, small %.2f GB/s, ratio %.2f%n",
                    turn == 0 ? "warm-up" : "turn " + turn,
                    largeRate,
                    smallRate,
                    smallRate / largeRate);
            if (turn > 0) {
                largeRates.add(largeRate);
                smallRates.add(smallRate);
                ratios.add(smallRate / largeRate);
                all.add(latencies);
            }
        }
        System.out.println("large GB/s " + Spread.of(largeRates));
        System.out.println("small GB/s " + Spread.of(smallRates));
        System.out.println("ratio      " + Spread.of(ratios));
        System.out.println(all);
    }

    private double measureLarge(SyntheticGuest folded) throws Exception {
        prepare();
        long bytes = ByteSize.parse(large);
        long start = System.nanoTime();
        send(new FoldedGuest(folded, bytes), nextUuid());
        return (double) bytes / (System.nanoTime() - start);
    }

    /** All are due at once; each of the senders has one under way. */
    private double measureSmall(Latencies latencies) throws Exception {
        prepare();
        long first = lastUuid + 1;
        lastUuid += migrations;
        AtomicInteger begun = new AtomicInteger();
        long start = System.nanoTime();
        try (var scope =
                StructuredTaskScope.open(Joiner.awaitAllSuccessfulOrThrow(), with -> with.withTimeout(TURN_LIMIT))) {
            for (SyntheticGuest guest : guests) {
                scope.fork(() -> {
                    for (int i = begun.getAndIncrement(); i < migrations; i = begun.getAndIncrement()) {
                        long began = System.nanoTime();
                        send(new SyntheticOutgoingGuest(guest), new UUID(1, first + i));
                        latencies.record(start, began, System.nanoTime());
                    }
                    return null;
                });
            }
            scope.join();
        }
        return (double) migrations * ByteSize.parse(size) / (System.nanoTime() - start);
    }

    /** Empties the store: the next guest removes what is too old. Then there is warm memory for what comes. */
    private void prepare() throws Exception {
        TimeUnit.SECONDS.sleep(KEEP_SECONDS);
        send(new SyntheticOutgoingGuest(guests.getFirst()), nextUuid());
        try (Ballast ballast = new Ballast(ByteSize.parse(large))) {
            ballast.hold();
        }
    }

    private UUID nextUuid() {
        return new UUID(1, ++lastUuid);
    }

    private void send(OutgoingGuest guest, UUID uuid) throws IOException {
        MigrationOutcome outcome = OutgoingMigration.of(guest, server.uri(), Optional.of(uuid), parameters)
                .run();
        if (!outcome.completed()) {
            throw new IOException(
                    "migration must complete: uuid=" + uuid, outcome.failure().orElse(null));
        }
    }

    /** How long small guests took, from when they were due and from when they began. */
    private static final class Latencies {
        private final Histogram sinceDue = new ConcurrentHistogram(DIGITS);
        private final Histogram sinceBegun = new ConcurrentHistogram(DIGITS);

        void record(long due, long began, long ended) {
            sinceDue.recordValue(ended - due);
            sinceBegun.recordValue(ended - began);
        }

        void add(Latencies other) {
            sinceDue.add(other.sinceDue);
            sinceBegun.add(other.sinceBegun);
        }

        @Override
        public String toString() {
            return "completion, ms since due:   " + describe(sinceDue) + "\ncompletion, ms since begun: "
                    + describe(sinceBegun);
        }

        private static String describe(Histogram nanos) {
            return String.format(
                    Locale.ROOT,
                    "p50 %.1f, p99 %.1f, most %.1f",
                    nanos.getValueAtPercentile(50) / 1e6,
                    nanos.getValueAtPercentile(99) / 1e6,
                    nanos.getMaxValue() / 1e6);
        }
    }
}
