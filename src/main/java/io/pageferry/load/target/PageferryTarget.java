package io.pageferry.load.target;

import io.pageferry.load.Scenario;
import io.pageferry.load.worker.Job;
import io.pageferry.load.worker.JsonConnection;
import io.pageferry.load.worker.Received;
import io.pageferry.load.worker.WorkerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A Pageferry, whatever it does with guests: a worker that takes any number of them in, and stays for the next turn.
 */
public record PageferryTarget(
        WorkerProcess worker, Scenario scenario, String host, Path folder, Optional<Path> credentials)
        implements Target {
    @Override
    public Reception receive() throws IOException {
        JsonConnection connection = worker.begin(new Job(Job.Kind.RECEIVE, scenario, 0, host, folder, credentials));
        try {
            return new Guest(worker, connection, worker.answer(connection, String.class));
        } catch (IOException e) {
            connection.close();
            throw e;
        }
    }

    private record Guest(WorkerProcess worker, JsonConnection connection, String uri) implements Reception {
        @Override
        public Optional<String> await() throws IOException {
            return Optional.ofNullable(worker.answer(connection, Received.class).error());
        }

        @Override
        public void close() throws IOException {
            connection.close();
        }
    }

    @Override
    public List<ProcessHandle> processes() {
        return List.of(worker.handle());
    }

    @Override
    public void close() {
        // The worker is its maker's to end.
    }
}
