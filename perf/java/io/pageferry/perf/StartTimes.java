package io.pageferry.perf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How long commands take that do nothing, and until one listens, beside a Java program that only says hello. */
@Command(name = "start", description = "How long commands take to start, beside a Java program that says hello.")
final class StartTimes implements Callable<Integer> {
    private static final String HELLO = "hello";

    @Option(names = "--turns", defaultValue = "11", description = "Turns that count (default: ${DEFAULT-VALUE}).")
    private int turns;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("speed");
        Map<String, List<String>> pageferry = TimedCommand.ofPageferry();
        Times times = new Times();
        try {
            for (int turn = 0; turn <= turns; turn++) {
                if (turn == 1) {
                    times.clear();
                }
                times.add(HELLO, TimedCommand.seconds(TimedCommand.hello()));
                for (Map.Entry<String, List<String>> way : pageferry.entrySet()) {
                    times.add(way.getKey() + " --version", TimedCommand.seconds(way.getValue(), "--version"));
                    times.add(way.getKey() + " receive listens", listening(way.getValue(), folder));
                }
                System.out.println();
            }
            times.print(false, HELLO);
        } finally {
            Folders.delete(folder);
        }
        return 0;
    }

    private static double listening(List<String> command, Path folder) throws IOException {
        try (TimedCommand receive =
                TimedCommand.start(command, "receive", QemuSide.ANY_PORT, folder.resolve("image"))) {
            receive.awaitListening();
            return receive.seconds();
        }
    }
}
