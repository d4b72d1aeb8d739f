package io.pageferry.perf;

import io.pageferry.config.ByteSize;
import io.pageferry.load.run.Ballast;
import io.pageferry.qemu.Qemu;
import io.pageferry.qemu.QemuVersion;
import io.pageferry.qemu.RandomGuest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/**
 * Moves the same amount of random RAM from QEMU to QEMU, from QEMU to Pageferry and from Pageferry to Pageferry, in
 * turns, and compares the three.
 *
 * <p>Sources stay, with their guests stopped. A QEMU that takes a guest in is a new process each time, as it can take
 * one only; the Pageferry that does is the same, with fresh memory for each guest. So the JIT compiler is warm from the
 * second turn on: the first is shown, and not counted.
 */
@Command(
        name = "compare-with-qemu",
        mixinStandardHelpOptions = true,
        description = "Moves random RAM QEMU -> QEMU, QEMU -> Pageferry and Pageferry -> Pageferry in turns, and prints"
                + " medians and ratios.")
public final class CompareWithQemu implements Callable<Integer> {
    private static final String ANY_PORT = "tcp:127.0.0.1:0";
    /** What a destination takes beside the guest's RAM. */
    private static final long SPARE_BYTES = 256L << 20;

    private static final long NO_LIMIT = 100_000_000_000L;

    /** Who moves the guest to whom. */
    private enum Way {
        QEMU_TO_QEMU("QEMU -> QEMU"),
        QEMU_TO_PAGEFERRY("QEMU -> Pageferry"),
        PAGEFERRY_TO_PAGEFERRY("Pageferry -> Pageferry");

        private final String label;

        Way(String label) {
            this.label = label;
        }
    }

    @Mixin
    private TurnOptions options;

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            defaultValue = "3G",
            description = "The guest's RAM, at most 3G (default: ${DEFAULT-VALUE}).")
    private String size;

    private CompareWithQemu() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new CompareWithQemu()).execute(args));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        RandomGuest guest = new RandomGuest(ByteSize.parse(size));
        System.out.println(size + " of random RAM, " + Machine.describe());
        Path folder = Files.createTempDirectory("compare-with-qemu");
        try {
            try (Ballast ballast = new Ballast(guest.memoryBytes() + SPARE_BYTES);
                    Qemu source = qemu(guest, folder).start();
                    EndpointProcess receiver = EndpointProcess.start();
                    EndpointProcess sender = EndpointProcess.start(size)) {
                guest.awaitRunning(source);
                source.stop();
                for (int number : options.channels) {
                    compare(number, new Parties(guest, folder, ballast, source, receiver, sender));
                }
            }
        } finally {
            Folders.delete(folder);
        }
        return 0;
    }

    /** Who takes part. */
    private record Parties(
            RandomGuest guest,
            Path folder,
            Ballast ballast,
            Qemu source,
            EndpointProcess receiver,
            EndpointProcess sender) {}

    private void compare(int number, Parties parties) throws IOException, InterruptedException {
        System.out.printf("%n%d channels, GB/s (10^9 bytes a second)%n", number);
        Map<Way, List<Double>> rates = new EnumMap<>(Way.class);
        Map<Way, List<Double>> costs = new EnumMap<>(Way.class);
        for (int turn = 0; turn <= options.turns; turn++) {
            StringBuilder line = new StringBuilder(turn == 0 ? "warm-up " : String.format("turn %-3d", turn));
            for (Way way : Way.values()) {
                parties.ballast.hold();
                Run run = move(way, number, parties);
                line.append(String.format(Locale.ROOT, "  %s %.2f", way.label, run.gigabytesPerSecond()));
                if (turn > 0) {
                    rates.computeIfAbsent(way, _ -> new ArrayList<>()).add(run.gigabytesPerSecond());
                    costs.computeIfAbsent(way, _ -> new ArrayList<>()).add(run.cpuSecondsPerGigabyte());
                }
            }
            System.out.println(line);
        }
        print("GB/s", rates);
        print("CPU s/GB, both ends", costs);
    }

    private static void print(String unit, Map<Way, List<Double>> figures) {
        System.out.printf("%n%-24s %-24s %s%n", "median (least to most)", unit, "ratio to QEMU -> QEMU, turn by turn");
        figures.forEach((way, own) -> System.out.printf(
                "%-24s %-24s %s%n", way.label, Spread.of(own), Spread.of(ratios(own, figures.get(Way.QEMU_TO_QEMU)))));
    }

    private static List<Double> ratios(List<Double> figures, List<Double> base) {
        List<Double> ratios = new ArrayList<>();
        for (int turn = 0; turn < figures.size(); turn++) {
            ratios.add(figures.get(turn) / base.get(turn));
        }
        return ratios;
    }

    private static Run move(Way way, int number, Parties parties) throws IOException, InterruptedException {
        return switch (way) {
            case QEMU_TO_QEMU -> {
                try (Qemu destination =
                        qemu(parties.guest, parties.folder).incoming().start()) {
                    String uri = prepare(destination, number).migrateIncoming(ANY_PORT);
                    CpuTime cpu = CpuTime.of(parties.source.pid(), destination.pid());
                    parties.ballast.release();
                    Rate rate = migrate(parties.source, uri, number);
                    destination.awaitMigration("completed");
                    yield new Run(rate, cpu.spent());
                }
            }
            case QEMU_TO_PAGEFERRY -> {
                CpuTime cpu = CpuTime.of(parties.source.pid(), parties.receiver.pid());
                String uri = parties.receiver.receive(number);
                parties.ballast.release();
                Rate rate = migrate(parties.source, uri, number);
                parties.receiver.awaitReceived();
                yield new Run(rate, cpu.spent());
            }
            case PAGEFERRY_TO_PAGEFERRY -> {
                CpuTime cpu = CpuTime.of(parties.sender.pid(), parties.receiver.pid());
                String uri = parties.receiver.receive(number);
                parties.ballast.release();
                Rate rate = parties.sender.send(number, uri);
                parties.receiver.awaitReceived();
                yield new Run(rate, cpu.spent());
            }
        };
    }

    /** One migration, as it was measured. */
    private record Run(Rate rate, Duration cpu) {
        double gigabytesPerSecond() {
            return rate.gigabytesPerSecond();
        }

        double cpuSecondsPerGigabyte() {
            return (double) cpu.toNanos() / rate.bytes();
        }
    }

    /** The guest has to run for a moment before a QEMU that has migrated it lets it be migrated again. */
    private static Rate migrate(Qemu source, String uri, int number) {
        source.resume();
        source.stop();
        prepare(source, number).migrate(uri);
        source.awaitMigration("completed");
        JsonNode result = source.queryMigrate();
        return new Rate(
                result.at("/ram/transferred").asLong(),
                TimeUnit.MILLISECONDS.toNanos(result.at("/total-time").asLong()));
    }

    private static Qemu.Builder qemu(RandomGuest guest, Path folder) {
        return Qemu.of(QemuVersion.V10_0, folder)
                .memory(guest.memoryBytes())
                .anonymousRam()
                .guest(guest);
    }

    private static Qemu prepare(Qemu qemu, int number) {
        return qemu.enable("multifd", "return-path")
                .set("multifd-channels", number)
                .set("max-bandwidth", NO_LIMIT);
    }
}
