package io.pageferry.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Pageferry as its users run it: {@code java -jar}, with no flags unless a test says so. Closing it ends the process.
 */
public final class PageferryProcess implements AutoCloseable {
    public static final Path JAR =
            Path.of("target", "pageferry.jar").toAbsolutePath().normalize();
    public static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

    private static final String LISTENING = "listening on ";

    private final ChildProcess process;

    private PageferryProcess(ChildProcess process) {
        this.process = process;
    }

    /** How a process is started. Immutable. */
    public record Launch(
            Path output,
            List<String> wrapper,
            Path java,
            List<String> flags,
            Path jar,
            Path directory,
            Map<String, String> environment) {

        /** A command that runs the rest of the line, in place: {@code unshare -m}, say. */
        public Launch wrapper(String... command) {
            return new Launch(output, List.of(command), java, flags, jar, directory, environment);
        }

        public Launch java(Path other) {
            return new Launch(output, wrapper, other, flags, jar, directory, environment);
        }

        /** Flags for the JVM. */
        public Launch flags(String... more) {
            return new Launch(output, wrapper, java, List.of(more), jar, directory, environment);
        }

        public Launch jar(Path other) {
            return new Launch(output, wrapper, java, flags, other, directory, environment);
        }

        /** What users install in the jar's place: it brings its own Java, and its flags. */
        public Launch program(Path other) {
            return new Launch(output, wrapper, other, List.of(), null, directory, environment);
        }

        public Launch directory(Path other) {
            return new Launch(output, wrapper, java, flags, jar, other, environment);
        }

        public Launch environment(Map<String, String> more) {
            return new Launch(output, wrapper, java, flags, jar, directory, more);
        }

        public PageferryProcess start(Object... arguments) throws IOException {
            List<String> command = new ArrayList<>(wrapper);
            command.add(java.toString());
            command.addAll(flags);
            if (jar != null) {
                command.addAll(List.of("-jar", jar.toString()));
            }
            for (Object argument : arguments) {
                command.add(argument.toString());
            }
            return new PageferryProcess(ChildProcess.start("pageferry", output, directory, environment, command));
        }

        /** Runs a command to its end. */
        public Result run(Object... arguments) throws IOException, InterruptedException {
            try (PageferryProcess process = start(arguments)) {
                return process.awaitEnd();
            }
        }
    }

    /**
     * The usual way to start it.
     *
     * @param output a folder for its output, which is also where it works
     */
    public static Launch in(Path output) {
        return new Launch(output, List.of(), JAVA, List.of(), JAR, output, Map.of());
    }

    public ChildProcess process() {
        return process;
    }

    public void signal(String signal) throws IOException, InterruptedException {
        process.signal(signal);
    }

    /** Waits until it can be connected to; returns where. */
    public String awaitListening() {
        Eventually.until("listening: " + process, () -> {
            if (!process.isAlive()) {
                throw new AssertionError("process must not end before it listens: " + process);
            }
            return process.stderr().lines().stream().anyMatch(line -> line.startsWith(LISTENING));
        });
        return process.stderr().lines().stream()
                .filter(line -> line.startsWith(LISTENING))
                .findFirst()
                .orElseThrow()
                .substring(LISTENING.length());
    }

    public Result awaitEnd() throws InterruptedException {
        int code = process.awaitExit();
        return new Result(code, process.stdout().text(), process.stderr().text());
    }

    @Override
    public void close() {
        process.close();
    }
}
