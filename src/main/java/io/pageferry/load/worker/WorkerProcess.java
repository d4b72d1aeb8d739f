package io.pageferry.load.worker;

import io.pageferry.load.ChildCommand;
import io.pageferry.load.LoadException;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process with a {@link Worker}. For any thread; closed by its maker. */
public final class WorkerProcess implements AutoCloseable {
    private static final long EXIT_SECONDS = 5;

    private final Process process;
    private final Path socket;
    private final JsonConnection control;

    private WorkerProcess(Process process, Path socket, JsonConnection control) {
        this.process = process;
        this.socket = socket;
        this.control = control;
    }

    /**
     * Starts one and waits until it can be asked.
     *
     * @param prefix a command that runs the rest of the line in place, or nothing
     * @param command runs {@link Worker#serve} for the path that is added to it
     */
    public static WorkerProcess start(List<String> prefix, List<String> command, Path folder, String name)
            throws IOException {
        Path socket = folder.resolve(name);
        Path ready = Path.of(socket + Worker.READY_SUFFIX);
        List<String> line = new ArrayList<>(prefix);
        line.addAll(ChildCommand.OWN_SESSION);
        line.addAll(command);
        line.add(socket.toString());
        try {
            // A worker's answers come over its socket.
            ConnectedProcess started = ConnectedProcess.start(
                    line,
                    ready,
                    builder -> builder.redirectOutput(Redirect.DISCARD).redirectError(Redirect.INHERIT));
            return new WorkerProcess(started.process(), socket, started.connection());
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (IOException e) {
            throw new LoadException(
                    "load worker must start: reason=\"" + e.getMessage() + "\" command=" + String.join(" ", line), e);
        }
    }

    /** Begins a job; its {@linkplain #answer answers} come over the connection, which is the caller's to close. */
    public JsonConnection begin(Job job) throws IOException {
        JsonConnection connection = null;
        try {
            connection = JsonConnection.to(socket);
            connection.write(job);
            return connection;
        } catch (IOException e) {
            if (connection != null) {
                connection.close();
            }
            throw lost(e);
        }
    }

    /** Waits for a job's next answer. */
    public <T> T answer(JsonConnection job, Class<T> type) throws IOException {
        try {
            return job.read(type);
        } catch (IOException e) {
            throw lost(e);
        }
    }

    /** Does a job that has one answer. */
    public <T> T run(Job job, Class<T> type) throws IOException {
        try (JsonConnection connection = begin(job)) {
            return answer(connection, type);
        }
    }

    /** Whatever happens to a connection within a machine: the worker has given up its job, or is gone. */
    private IOException lost(IOException e) {
        return e instanceof ClosedByInterruptException
                ? e
                : new LoadException(
                        "load worker must do its job: worker=" + socket.getFileName() + " reason=\"" + e.getMessage()
                                + "\"",
                        e);
    }

    public ProcessHandle handle() {
        return process.toHandle();
    }

    @Override
    public void close() throws IOException {
        control.close();
        try {
            if (!process.waitFor(EXIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        process.onExit().join(); // from then on it writes nothing more
        Files.deleteIfExists(socket);
    }
}
