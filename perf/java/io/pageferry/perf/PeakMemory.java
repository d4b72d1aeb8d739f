package io.pageferry.perf;

import io.pageferry.config.ByteSize;
import io.pageferry.config.MigrationUri;
import io.pageferry.qemu.Qemu;
import io.pageferry.qemu.RandomGuest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How much memory a process has of the machine, as users start it: {@code receive} at the most, while it takes a guest
 * with random RAM from a QEMU; and {@code serve}, while guests are connected and idle, first and after it has had them
 * many times. Pages of files that it has mapped, such as the JVM's cache, count.
 */
@Command(
        name = "peak-memory",
        mixinStandardHelpOptions = true,
        description = "Measures how much memory receive and serve have of the machine.")
public final class PeakMemory implements Callable<Integer> {
    private static final int CHANNELS = 2;
    private static final int CHANNELS_OF_IDLE = 4;
    private static final long IDLE_BYTES = 8L << 20;
    private static final Pattern PARTS = Pattern.compile("(VmHWM|VmRSS|RssAnon|RssFile):\\s+(\\d+) kB");

    @Option(names = "--size", defaultValue = "4G", description = "The guest's RAM (default: ${DEFAULT-VALUE}).")
    private String size;

    @Option(
            names = "--idle-channels",
            defaultValue = "100",
            description = "Channels that a server has, by fours (default: ${DEFAULT-VALUE}).")
    private int idleChannels;

    @Option(names = "--folder", defaultValue = "target", description = "Where images go (default: ${DEFAULT-VALUE}).")
    private Path on;

    @Option(names = "--turns", defaultValue = "3", description = "Turns (default: ${DEFAULT-VALUE}).")
    private int turns;

    @Option(
            names = "--times",
            defaultValue = "40",
            description = "How often a server has had them at the end (default: ${DEFAULT-VALUE}).")
    private int times;

    private PeakMemory() {}

    public static void main(String[] args) throws IOException {
        System.out.println(Machine.describe());
        System.exit(new CommandLine(new PeakMemory()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        Path folder = Files.createTempDirectory(on, "peak").toAbsolutePath();
        try {
            RandomGuest guest = new RandomGuest(ByteSize.parse(size));
            try (Qemu source = QemuSide.source(guest, folder)) {
                System.out.printf("%nreceive of %s%n", size);
                for (int turn = 0; turn < turns; turn++) {
                    for (Map.Entry<String, List<String>> way :
                            TimedCommand.ofPageferry().entrySet()) {
                        System.out.printf("  %-8s %s%n", way.getKey(), receive(source, folder, way.getValue()));
                    }
                }
            }
            System.out.printf("%nserve with %d idle channels%n", idleChannels);
            for (Map.Entry<String, List<String>> way :
                    TimedCommand.ofPageferry().entrySet()) {
                serve(way.getKey(), Files.createDirectory(folder.resolve(way.getKey())), way.getValue());
            }
        } finally {
            Folders.delete(folder);
        }
        return 0;
    }

    private static String receive(Qemu source, Path folder, List<String> command) throws Exception {
        Path image = folder.resolve("image");
        QemuSide.wake(source);
        QemuSide.prepare(source, CHANNELS);
        try (TimedCommand receive = TimedCommand.start(command, "receive", QemuSide.ANY_PORT, image)) {
            String uri = receive.awaitListening();
            String listening = memory(receive.pid());
            source.migrate(uri);
            String last = listening;
            for (String now = last; !now.isEmpty(); now = memory(receive.pid())) {
                last = now;
                Thread.sleep(1);
            }
            receive.awaitEnd();
            return last + "; when it listens: " + listening;
        } finally {
            Files.deleteIfExists(image);
        }
    }

    private void serve(String name, Path folder, List<String> command) throws Exception {
        try (RunningServer server = RunningServer.start(command, folder, CHANNELS_OF_IDLE)) {
            System.out.printf("  %-8s empty: %s%n", name, memory(server.pid()));
            for (int i = 1; i <= times; i++) {
                try (IdleGuests guests = new IdleGuests(
                        idleChannels / CHANNELS_OF_IDLE,
                        IDLE_BYTES,
                        CHANNELS_OF_IDLE,
                        MigrationUri.parse(server.uri("tcp")))) {
                    if (i == 1 || i == 10 || i == times) {
                        System.out.printf("  %-8s time %d: %s%n", name, i, memory(server.pid()));
                    }
                    guests.complete();
                }
            }
        }
    }

    /** What the kernel says of a process, in MiB; nothing when it has ended. */
    private static String memory(long pid) {
        try {
            Matcher parts = PARTS.matcher(Files.readString(Path.of("/proc", String.valueOf(pid), "status")));
            StringBuilder text = new StringBuilder();
            while (parts.find()) {
                text.append(String.format(
                        Locale.ROOT, "%s %.0f ", parts.group(1), Long.parseLong(parts.group(2)) / 1024.0));
            }
            return text.toString().strip();
        } catch (IOException e) {
            return ""; // it has ended
        }
    }
}
