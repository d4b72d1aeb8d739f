package io.pageferry.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A process of a test, with its output in files. Closing it ends it; if this JVM dies first, the kernel does. */
public final class ChildProcess implements AutoCloseable {
    /** The kernel ends a child with the thread that started it, so that one must last as long as the JVM. */
    private static final Executor STARTER = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("junit-process-starter").factory());

    private final String name;
    private final Process process;
    private final TextLog stdout;
    private final TextLog stderr;

    private ChildProcess(String name, Process process, TextLog stdout, TextLog stderr) {
        this.name = name;
        this.process = process;
        this.stdout = stdout;
        this.stderr = stderr;
    }

    /** Starts a process that works where its output goes. */
    public static ChildProcess start(String name, Path output, List<String> command) throws IOException {
        return start(name, output, output, Map.of(), command);
    }

    /**
     * Starts a process.
     *
     * @param name what to call it in messages
     * @param output a folder that its output goes to
     * @param directory where it works
     * @param environment variables that it has besides this process's own
     */
    public static ChildProcess start(
            String name, Path output, Path directory, Map<String, String> environment, List<String> command)
            throws IOException {
        TextLog stdout = new TextLog(Files.createTempFile(output, name, ".stdout"));
        TextLog stderr = new TextLog(Files.createTempFile(output, name, ".stderr"));
        List<String> guarded = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL"));
        guarded.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(guarded)
                .directory(directory.toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(stdout.path().toFile())
                .redirectError(stderr.path().toFile());
        builder.environment().putAll(environment);
        Process process =
                CompletableFuture.supplyAsync(() -> start(builder), STARTER).join();
        return new ChildProcess(name, process, stdout, stderr);
    }

    private static Process start(ProcessBuilder builder) {
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** What it has said so far. */
    public TextLog stdout() {
        return stdout;
    }

    public TextLog stderr() {
        return stderr;
    }

    /** Calls back once the process has ended, at once if it has. */
    public void onExit(Runnable action) {
        process.onExit().thenRun(action);
    }

    /** Sends a signal, such as {@code INT}. */
    public void signal(String signal) throws IOException, InterruptedException {
        int code = new ProcessBuilder("kill", "-s", signal, String.valueOf(pid()))
                .inheritIO()
                .start()
                .waitFor();
        if (code != 0) {
            throw new AssertionError("process must be there to be told: signal=" + signal + " " + this);
        }
    }

    /** Waits for the end of the process and returns its exit code. */
    public int awaitExit() throws InterruptedException {
        if (!process.waitFor(Eventually.DEADLINE.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("process must end: " + this);
        }
        return process.exitValue();
    }

    /** Ends it with SIGKILL, without a chance to clean up, and waits until it is gone. */
    public void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    @Override
    public void close() {
        kill();
    }

    @Override
    public String toString() {
        return name + ": pid=" + pid() + " stdout=\"" + stdout.text() + "\" stderr=\"" + stderr.text() + "\"";
    }
}
