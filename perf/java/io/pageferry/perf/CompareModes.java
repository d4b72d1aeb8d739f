package io.pageferry.perf;

import io.pageferry.config.ByteSize;
import io.pageferry.testing.TlsAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Moves a guest under TLS, compressed, without multifd, and a guest of zeros, between QEMUs, between Pageferries and
 * from each to the other, in turns.
 *
 * <p>Guests are QEMU's machine {@code none}, so that each end has the same RAM, anonymous memory in all of them: the
 * Pageferry that is to be measured as a source fills the QEMU that is. Else it is as in {@link CompareWithQemu}.
 */
@Command(
        name = "compare-modes-with-qemu",
        mixinStandardHelpOptions = true,
        description =
                "Moves RAM between QEMU and Pageferry under TLS, compressed, without multifd, and where it is zero, in"
                        + " turns, and prints medians and ratios.")
public final class CompareModes implements Callable<Integer> {
    @Option(
            names = "--modes",
            split = ",",
            paramLabel = "MODE",
            description =
                    "tls, zstd, zlib, untouched (zeros in memory that nobody has touched), zeros (that were written),"
                            + " plain (without multifd), qpl and qatzip (with the QEMU of scripts/install-qemu-codecs)."
                            + " Default: all but the last two.")
    private List<String> modes = List.of(Mode.usualNames().split(","));

    @Option(
            names = "--ways",
            split = ",",
            paramLabel = "WAY",
            description = "qq, qp, pq, pp: from whom to whom, qq among them. Default: all.")
    private List<String> ways = List.of("qq", "qp", "pq", "pp");

    @Mixin
    private TurnOptions options;

    @Option(
            names = "--warm-up",
            paramLabel = "N",
            defaultValue = "2",
            description = "Turns that do not count, before the first channel number's (default: ${DEFAULT-VALUE}).")
    private int warmUp;

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            description = "The guest's RAM (default: 3G for tls and zeros, 1G for zstd and plain, 512M for zlib,"
                    + " qpl and qatzip).")
    private String size;

    private CompareModes() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new CompareModes()).execute(args));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("compare-modes");
        try {
            TlsAuthority authority = TlsAuthority.create(folder, "authority");
            Path credentials = Files.createDirectory(folder.resolve("credentials"));
            authority.writeTo(credentials);
            authority.server("ip:127.0.0.1").toServer(credentials);
            authority.client("CN=client").toClient(credentials);
            for (String mode : modes) {
                compare(Mode.of(mode), folder, credentials);
            }
        } finally {
            Folders.delete(folder);
        }
        return 0;
    }

    private void compare(Mode mode, Path folder, Path credentials) throws IOException, InterruptedException {
        String ram = size != null ? size : mode.defaultSize();
        System.out.printf(
                "%n%s: %s of RAM, %s; %s%n",
                mode.label(), ram, mode.content().name().toLowerCase(Locale.ROOT), Machine.describe());
        try (EndpointProcess receiver = EndpointProcess.start(ModeEndpoint.class, mode.name(), credentials.toString());
                EndpointProcess sender =
                        EndpointProcess.start(ModeEndpoint.class, mode.name(), credentials.toString(), ram);
                ModeParties parties =
                        ModeParties.of(mode, ByteSize.parse(ram), folder, credentials, sender, receiver)) {
            int uncounted = warmUp;
            for (int number : options.channels) {
                compare(number, uncounted, parties);
                uncounted = 1;
            }
        }
    }

    private void compare(int number, int uncounted, ModeParties parties) throws IOException, InterruptedException {
        System.out.printf("%n%d channels, GB/s of RAM (10^9 bytes a second)%n", number);
        Map<Way, List<ModeRun>> runs = new EnumMap<>(Way.class);
        for (int turn = 1 - uncounted; turn <= options.turns; turn++) {
            StringBuilder line = new StringBuilder(turn <= 0 ? "warm-up " : String.format("turn %-3d", turn));
            for (Way way : Way.of(ways)) {
                ModeRun run = parties.move(way, number);
                line.append(String.format(Locale.ROOT, "  %s %.2f", way.label(), run.gigabytesPerSecond()));
                if (turn > 0) {
                    runs.computeIfAbsent(way, _ -> new ArrayList<>()).add(run);
                }
            }
            System.out.println(line);
        }
        print(runs);
    }

    private static void print(Map<Way, List<ModeRun>> runs) {
        System.out.printf(
                "%n%-24s %-22s %-22s %-22s %-22s %s%n",
                "median (least to most)",
                "GB/s",
                "of QEMU -> QEMU's",
                "source CPU s/GB",
                "target CPU s/GB",
                "RAM/wire");
        List<ModeRun> base = runs.get(Way.QEMU_TO_QEMU);
        runs.forEach((way, own) -> {
            List<Double> ratios = new ArrayList<>();
            for (int turn = 0; turn < own.size() && base != null; turn++) {
                ratios.add(own.get(turn).gigabytesPerSecond() / base.get(turn).gigabytesPerSecond());
            }
            System.out.printf(
                    Locale.ROOT,
                    "%-24s %-22s %-22s %-22s %-22s %.3f%n",
                    way.label(),
                    Spread.of(own.stream().map(ModeRun::gigabytesPerSecond).toList()),
                    ratios.isEmpty() ? "" : Spread.of(ratios),
                    Spread.of(
                            own.stream().map(ModeRun::sourceSecondsPerGigabyte).toList()),
                    Spread.of(
                            own.stream().map(ModeRun::targetSecondsPerGigabyte).toList()),
                    own.getLast().compressionRatio());
        });
    }
}
