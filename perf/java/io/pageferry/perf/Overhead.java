package io.pageferry.perf;

import io.pageferry.perf.ServerProcess.Holding;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What a migration costs a server, in memory: how much more it holds with so many guests whose channels are all
 * connected and idle than with none.
 *
 * <p>Idle guests have had their RAM moved, so that all that a migration makes when it is first needed has been made.
 * Before the server is looked at while it is empty it has had as many guests as will come, twice: its code is compiled,
 * and its list of migrations that have ended is full.
 */
@Command(
        name = "overhead",
        mixinStandardHelpOptions = true,
        description = "Measures the memory that a server takes for each migration, its idle channels included.")
public final class Overhead implements Callable<Integer> {
    private static final long GUEST_BYTES = 8L << 20;

    /** More than a server remembers when they have ended. */
    private static final int MIN_WARM_UP = 150;

    private static final String HEAP = "512m";

    @Option(
            names = "--migrations",
            split = ",",
            paramLabel = "N",
            defaultValue = "50,100,200,400,800",
            description = "How many at once, with 4 channels each (default: ${DEFAULT-VALUE}).")
    private List<Integer> migrations;

    @Option(
            names = "--channels",
            split = ",",
            paramLabel = "N",
            defaultValue = "1,4,16,64",
            description = "Channels of each of 100 migrations (default: ${DEFAULT-VALUE}).")
    private List<Integer> channels;

    private Overhead() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new Overhead()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        System.out.println(Machine.describe());
        Path folder = Files.createTempDirectory("overhead");
        try {
            System.out.printf("%nKiB a migration, 4 channels each; kernel: TCP's memory, of both ends%n");
            measure(folder, 4, migrations);
            System.out.printf("%nKiB a migration, 100 migrations%n");
            for (int each : channels) {
                measure(folder, each, List.of(100));
            }
        } finally {
            Folders.delete(folder);
        }
        return 0;
    }

    private static void measure(Path folder, int channels, List<Integer> migrations) throws Exception {
        Path store = Files.createTempDirectory(folder, "store");
        List<String> arguments = List.of(
                "--multifd-channels",
                "" + channels,
                "--max-migrations",
                "1000",
                "--max-connections",
                "100000",
                "--stall-timeout",
                "10m",
                "--keep",
                "1");
        try (ServerProcess server = ServerProcess.start(folder, store, HEAP, List.of(), arguments)) {
            int most = migrations.stream().mapToInt(each -> each).max().orElse(0);
            for (int i = 0; i < 2; i++) {
                hold(server, Math.max(most, MIN_WARM_UP), channels);
            }
            for (int number : migrations) {
                Holding empty = server.holding();
                Holding full = hold(server, number, channels);
                System.out.println(line(number, channels, empty, full));
            }
        }
    }

    /** What the server holds while so many are idle. */
    private static Holding hold(ServerProcess server, int number, int channels) throws Exception {
        try (IdleGuests guests = new IdleGuests(number, GUEST_BYTES, channels, server.uri())) {
            Holding holding = server.holding();
            guests.complete();
            return holding;
        }
    }

    private static String line(int number, int channels, Holding empty, Holding full) {
        double heap = (double) (full.heapKib() - empty.heapKib()) / number;
        double other = (double) (full.nativeKib() - empty.nativeKib()) / number;
        double kernel = (double) (full.kernelKib() - empty.kernelKib()) / number;
        return String.format(
                "%4d migrations, %3d channels: heap %6.1f + native %6.1f = %6.1f; kernel %5.1f; descriptors %.1f,"
                        + " platform threads %.2f",
                number,
                channels,
                heap,
                other,
                heap + other,
                kernel,
                (double) (full.descriptors() - empty.descriptors()) / number,
                (double) (full.threads() - empty.threads()) / number);
    }
}
