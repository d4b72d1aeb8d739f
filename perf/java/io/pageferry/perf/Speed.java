package io.pageferry.perf;

import java.io.IOException;
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
            StartTimes.class,
            OneShot.class,
            ThroughServer.class,
            CompareImages.class,
            Downtime.class,
            TimeAgainstSize.class
        })
public final class Speed {
    private Speed() {}

    public static void main(String[] args) throws IOException {
        System.out.println(Machine.describe());
        System.exit(new CommandLine(new Speed()).execute(args));
    }
}
