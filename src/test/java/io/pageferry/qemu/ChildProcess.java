package io.pageferry.qemu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A process of a test, with its output in files. Closing it ends it; if this JVM dies first, the kernel does. */
final class ChildProcess implements AutoCloseable {
    /** The kernel ends a child with the thread that started it, so that one must last as long as the JVM. */
    private static final Executor STARTER = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("process-starter").factory());

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

    /** Starts the thread that starts processes, which stays: before a test looks at what it leaves behind. */
    static void prepare() {
        CompletableFuture.runAsync(() -> {}, STARTER).join();
    }

    /**
     * Starts a process.
     *
     * @param name what to call it in messages and its files
     * @param folder where its output goes
     */
    static ChildProcess start(String name, Path folder, List<String> command) {
        List<String> guarded = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL"));
        guarded.addAll(command);
        TextLog stdout = new TextLog(folder.resolve(name + ".stdout"));
        TextLog stderr = new TextLog(folder.resolve(name + ".stderr"));
        ProcessBuilder builder = new ProcessBuilder(guarded)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(stdout.path().toFile())
                .redirectError(stderr.path().toFile());
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

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    TextLog stdout() {
        return stdout;
    }

    TextLog stderr() {
        return stderr;
    }

    /** Calls back once the process has ended, at once if it has. */
    void onExit(Runnable action) {
        process.onExit().thenRun(action);
    }

    /** Waits for the end of the process and returns its exit code. */
    int awaitExit() throws InterruptedException {
        if (!process.waitFor(Eventually.DEADLINE.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError(name + " must end: pid=" + pid() + " stderr=" + stderr.text());
        }
        return process.exitValue();
    }

    /** Ends the process with SIGKILL, without a chance to clean up, and waits until it is gone. */
    void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** SIGTERM, or SIGINT's equal: the process may clean up. */
    void terminate() {
        process.destroy();
    }

    @Override
    public void close() {
        kill();
    }

    @Override
    public String toString() {
        return name + ": pid=" + pid() + " stderr=\"" + stderr.text() + "\"";
    }
}
