package io.pageferry.perf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** What {@code perf/speed} runs: one question a subcommand. */
@Command(
        name = "speed",
        mixinStandardHelpOptions = true,
        description = "Shows how fast uncompressed RAM is moved.",
        subcommands = {
            CompareInMemory.class,
            FirstMigration.class,
            CompareImages.class,
            Downtime.class,
            TimeAgainstSize.class
        })
public final class Speed {
    private Speed() {}

    public static void main(String[] args) {
        System.out.printf(
                "%d processors, JDK %s, Linux %s%n",
                Runtime.getRuntime().availableProcessors(), Runtime.version(), System.getProperty("os.version"));
        System.exit(new CommandLine(new Speed()).execute(args));
    }

    static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(path);
            }
        }
    }
}
