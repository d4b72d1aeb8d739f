package io.pageferry.perf;

import io.pageferry.perf.ServerProcess.Holding;
import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToLongFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Keeps two servers busy, one under TLS, with all that guests and strangers do, and looks now and then whether they
 * hold more than before.
 *
 * <p>Arrivals come at random moments that do not depend on how the servers do. For each look they pause until no
 * migration runs: what is left then is what a server keeps. The first third of the looks is warm-up; the medians of the
 * second and the last third are compared.
 */
@Command(
        name = "soak",
        mixinStandardHelpOptions = true,
        description =
                "Keeps two servers busy for a while, and fails where they do wrong or hold more at the end than in the"
                        + " middle.")
public final class Soak implements Callable<Integer> {
    private static final int LOOKS = 15;

    /** Growth that says nothing: heap and native memory are never quite the same. */
    private static final long SPARE_KIB = 4 << 10;

    private static final double SPARE_SHARE = 0.05;
    private static final int SPARE_COUNT = 3;

    @Option(
            names = "--minutes",
            paramLabel = "N",
            defaultValue = "15",
            description = "How long (default: ${DEFAULT-VALUE}).")
    private double minutes;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "6",
            description = "Arrivals a second, at both servers together (default: ${DEFAULT-VALUE}).")
    private double rate;

    @Option(
            names = "--output",
            paramLabel = "DIR",
            defaultValue = "target/soak",
            description = "A folder for the flight recordings (default: ${DEFAULT-VALUE}).")
    private Path output;

    private final AtomicReference<Exception> fault = new AtomicReference<>();
    private final Map<String, AtomicLong> done = new TreeMap<>(); // filled before the first arrival
    private final Random random = new Random(1);

    private Soak() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new Soak()).execute(args));
    }

    /** Something that happens to a server; of a hundred arrivals so many are of this kind. */
    private record Kind(String name, int percent, Action action) {}

    @FunctionalInterface
    private interface Action {
        void run(SoakedServer server) throws Exception;
    }

    private static final List<Kind> KINDS = List.of(
            new Kind("taken in", 50, SoakedServer::arrive),
            new Kind("sent on and compared", 16, SoakedServer::leave),
            new Kind("given up in the middle", 10, SoakedServer::arriveInPart),
            new Kind("refused for their packets", 6, SoakedServer::arriveWrong),
            new Kind("strangers who say nothing", 6, server -> server.sendRandomBytes(0)),
            new Kind("strangers who talk nonsense", 6, server -> server.sendRandomBytes(1_000)),
            new Kind("scrapes", 6, SoakedServer::scrape));

    @Override
    public Integer call() throws Exception {
        KINDS.forEach(kind -> done.put(kind.name, new AtomicLong()));
        System.out.println(Machine.describe());
        Files.createDirectories(output);
        Path folder = Files.createTempDirectory("soak");
        try (SoakedServer plain = start(folder, "plain", false);
                SoakedServer tls = start(folder, "tls", true)) {
            Map<String, SoakedServer> servers = new TreeMap<>(Map.of("plain", plain, "tls", tls));
            Map<String, List<Holding>> holdings = new TreeMap<>();
            for (int look = 1; look <= LOOKS; look++) {
                beBusy(List.of(plain, tls), Duration.ofMillis((long) (minutes * 60_000 / LOOKS)));
                for (Map.Entry<String, SoakedServer> server : servers.entrySet()) {
                    server.getValue().awaitQuiet();
                    Holding holding = server.getValue().process().holding();
                    holdings.computeIfAbsent(server.getKey(), _ -> new ArrayList<>())
                            .add(holding);
                    System.out.printf(
                            "%2d %-5s heap %6d KiB, native %7d KiB, descriptors %3d, threads %3d, images %d%n",
                            look,
                            server.getKey(),
                            holding.heapKib(),
                            holding.nativeKib(),
                            holding.descriptors(),
                            holding.threads(),
                            server.getValue().requireOnlyWholeImages());
                }
            }
            System.out.println("\n" + done);
            boolean flat = true;
            for (Map.Entry<String, List<Holding>> each : holdings.entrySet()) {
                flat &= judge(each.getKey(), each.getValue());
            }
            verifyImages(folder, servers);
            for (Map.Entry<String, SoakedServer> server : servers.entrySet()) {
                Path recording = output.resolve(server.getKey() + ".jfr").toAbsolutePath();
                server.getValue().process().jcmd("JFR.dump", "filename=" + recording);
                System.out.printf("%n%s, of the flight recording:%n%s", server.getKey(), FlightFigures.of(recording));
            }
            return flat ? 0 : 1;
        } finally {
            Folders.delete(folder);
        }
    }

    private SoakedServer start(Path folder, String name, boolean tls) throws IOException {
        return SoakedServer.start(
                Files.createDirectory(folder.resolve(name)),
                tls,
                output.resolve(name + ".jfr").toAbsolutePath());
    }

    private void beBusy(List<SoakedServer> servers, Duration time) throws Exception {
        long end = System.nanoTime() + time.toNanos();
        Phaser underWay = new Phaser(1);
        double due = System.nanoTime();
        while (due < end && fault.get() == null) {
            TimeUnit.NANOSECONDS.sleep((long) due - System.nanoTime());
            SoakedServer server = servers.get(random.nextInt(servers.size()));
            Kind kind = pick();
            underWay.register();
            Thread.ofVirtual().start(() -> {
                try {
                    kind.action.run(server);
                    done.get(kind.name).incrementAndGet();
                } catch (Exception | AssertionError e) {
                    fault.compareAndSet(null, new IOException("arrival must go well: kind=\"" + kind.name + "\"", e));
                } finally {
                    underWay.arriveAndDeregister();
                }
            });
            due += -Math.log(1 - random.nextDouble()) / rate * 1e9;
        }
        underWay.awaitAdvanceInterruptibly(underWay.arrive(), 2, TimeUnit.MINUTES);
        if (fault.get() != null) {
            throw fault.get();
        }
    }

    private Kind pick() {
        int percent = random.nextInt(100);
        for (Kind kind : KINDS) {
            percent -= kind.percent;
            if (percent < 0) {
                return kind;
            }
        }
        throw new IllegalStateException("kinds must be a hundred in all");
    }

    private static boolean judge(String name, List<Holding> looks) {
        return judge(name + " heap KiB", looks, Holding::heapKib, SPARE_KIB, SPARE_SHARE)
                & judge(name + " native KiB", looks, Holding::nativeKib, SPARE_KIB, SPARE_SHARE)
                & judge(name + " descriptors", looks, Holding::descriptors, SPARE_COUNT, 0)
                & judge(name + " threads", looks, Holding::threads, SPARE_COUNT, 0);
    }

    private static boolean judge(
            String what, List<Holding> looks, ToLongFunction<Holding> figure, long spare, double spareShare) {
        int third = looks.size() / 3;
        double middle = median(looks.subList(third, 2 * third), figure);
        double last = median(looks.subList(2 * third, looks.size()), figure);
        boolean flat = last <= middle + Math.max(spare, middle * spareShare);
        System.out.printf("%-20s middle %9.0f  end %9.0f  %s%n", what, middle, last, flat ? "flat" : "GROWS");
        return flat;
    }

    private static double median(List<Holding> looks, ToLongFunction<Holding> figure) {
        return Spread.of(looks.stream()
                        .map(look -> (double) figure.applyAsLong(look))
                        .toList())
                .median();
    }

    private static void verifyImages(Path folder, Map<String, SoakedServer> servers)
            throws IOException, InterruptedException {
        int verified = 0;
        for (SoakedServer server : servers.values()) {
            for (Path image : server.images()) {
                Result result = PageferryProcess.in(folder).run("verify", image);
                if (result.code() != 0) {
                    throw new IOException("image must be whole: " + result);
                }
                verified++;
            }
        }
        System.out.println("images verified      " + verified);
    }
}
