package io.pageferry.perf;

import io.pageferry.testing.PageferryProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A command as it is typed, with the time from then on. What it says on stderr is read as it comes. */
final class TimedCommand implements AutoCloseable {
    private static final String LISTENING = "listening on ";
    private static final long MOST_SECONDS = 120;

    private final long startNanos;
    private final Process process;
    private final BufferedReader stderr;

    private TimedCommand(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(Redirect.DISCARD);
        startNanos = System.nanoTime();
        process = builder.start();
        // Whoever waits for what it says, or for its end, does so no longer than that.
        CompletableFuture.delayedExecutor(MOST_SECONDS, TimeUnit.SECONDS).execute(process::destroyForcibly);
        stderr = process.errorReader(StandardCharsets.UTF_8);
    }

    /**
     * The ways there are to start Pageferry, by name: the jar, and the package where {@code scripts/package} has made
     * one.
     */
    static Map<String, List<String>> ofPageferry() throws IOException {
        Map<String, List<String>> ways = new LinkedHashMap<>();
        ways.put("jar", List.of(PageferryProcess.JAVA.toString(), "-jar", PageferryProcess.JAR.toString()));
        try (Stream<Path> built = Files.list(PageferryProcess.JAR.getParent())) {
            built.map(folder -> folder.resolve("bin").resolve("pageferry"))
                    .filter(Files::isExecutable)
                    .findFirst()
                    .ifPresentOrElse(
                            launcher -> ways.put("package", List.of(launcher.toString())),
                            () -> System.out.println("no package: made by scripts/package"));
        }
        return ways;
    }

    /** A Java program that only says hello. */
    static List<String> hello() {
        return List.of(PageferryProcess.JAVA.toString(), "-cp", "target/test-classes", Hello.class.getName());
    }

    static TimedCommand start(List<String> command, Object... arguments) throws IOException {
        List<String> line = new ArrayList<>(command);
        Stream.of(arguments).map(Object::toString).forEach(line::add);
        return new TimedCommand(line);
    }

    /** Runs one to its end; returns how long it took. */
    static double seconds(List<String> command, Object... arguments) throws IOException, InterruptedException {
        try (TimedCommand timed = start(command, arguments)) {
            return timed.awaitEnd();
        }
    }

    /** Waits until it says where it listens, and returns that. */
    String awaitListening() throws IOException {
        StringBuilder said = new StringBuilder();
        for (String line = stderr.readLine(); line != null; line = stderr.readLine()) {
            if (line.startsWith(LISTENING)) {
                return line.substring(LISTENING.length());
            }
            said.append(line).append('\n');
        }
        throw new IOException("command must listen: said=\"" + said + "\"");
    }

    long pid() {
        return process.pid();
    }

    /** How long it is since it was started. */
    double seconds() {
        return (System.nanoTime() - startNanos) / 1e9;
    }

    /** Waits until it has ended well; returns how long it took. */
    double awaitEnd() throws IOException, InterruptedException {
        String said = String.join("\n", stderr.lines().toList());
        if (process.waitFor() != 0) {
            throw new IOException("command must end well: said=\"" + said + "\"");
        }
        return seconds();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
