package io.pageferry.perf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What figures were measured on. */
final class Machine {
    private Machine() {}

    /** One line, without a name that would tell whose it is. */
    static String describe() throws IOException {
        String model = Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("unknown processor");
        return String.format(
                "%d processors (%s), JDK %s, Linux %s",
                Runtime.getRuntime().availableProcessors(), model, Runtime.version(), System.getProperty("os.version"));
    }
}
