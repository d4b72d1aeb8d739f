package io.pageferry.load.run;

import io.pageferry.load.LoadException;
import io.pageferry.load.Scenario;
import io.pageferry.load.Setting;
import io.pageferry.load.target.Target;
import io.pageferry.load.worker.Job;
import io.pageferry.load.worker.Sent;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.StructuredTaskScope;
import java.util.concurrent.StructuredTaskScope.FailedException;
import java.util.concurrent.StructuredTaskScope.Joiner;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one turn: every migration has a thread, which begins when it is due, waits for a guest that is free, and has
 * that sent. So nobody who is slow delays when others are due. Belongs to the thread that runs it.
 */
final class TurnRunner {
    private static final Logger LOG = LoggerFactory.getLogger(TurnRunner.class);

    /** From when all is prepared to the first arrival: threads must have been started by then. */
    private static final Duration LEAD = Duration.ofMillis(20);

    private final Scenario scenario;
    private final Testbed testbed;
    private final Target target;
    private final Optional<Path> credentials;

    /**
     * Free guests, each with the reception that the next migration will use. Fair: who has waited longest is served
     * first.
     */
    private final BlockingQueue<Slot> free;

    private final AtomicInteger toPrepare;
    private final List<TurnFigures.Done> completed = new ArrayList<>(); // guarded by itself
    private final List<String> errors = new ArrayList<>(); // guarded by completed

    private record Slot(int guest, Target.Reception reception) {}

    private TurnRunner(Scenario scenario, Testbed testbed, Target target, Optional<Path> credentials) {
        this.scenario = scenario;
        this.testbed = testbed;
        this.target = target;
        this.credentials = credentials;
        this.free = new ArrayBlockingQueue<>(scenario.number(Setting.GUESTS), true);
        this.toPrepare = new AtomicInteger(scenario.number(Setting.MIGRATIONS));
    }

    /**
     * Runs a turn to its end; a migration that fails is counted, and only a worker or a target that is gone ends the
     * whole.
     *
     * @param ballast let go of when all is prepared
     */
    static TurnFigures run(Scenario scenario, Testbed testbed, Optional<Path> qemu, Ballast ballast)
            throws IOException, InterruptedException {
        Optional<Path> credentials = testbed.credentials(scenario);
        testbed.source().run(new Job(Job.Kind.PREPARE, scenario, 0, "", Path.of(""), credentials), Boolean.class);
        try (Target target = testbed.target(scenario, qemu)) {
            return new TurnRunner(scenario, testbed, target, credentials).run(ballast);
        }
    }

    private TurnFigures run(Ballast ballast) throws IOException, InterruptedException {
        List<ProcessHandle> source = List.of(testbed.source().handle());
        try {
            for (int guest = 0; guest < scenario.number(Setting.GUESTS); guest++) {
                putBack(guest);
            }
            ballast.release();
            Duration sourceBefore = cpu(source);
            Duration targetBefore = cpu(target.processes());
            migrateAll();
            Duration sourceCpu = cpu(source).minus(sourceBefore);
            Duration targetCpu = cpu(target.processes()).minus(targetBefore);
            completed.sort(Comparator.comparingLong(TurnFigures.Done::dueNanos));
            return new TurnFigures(scenario, List.copyOf(completed), List.copyOf(errors), sourceCpu, targetCpu);
        } finally {
            for (Slot slot : free) {
                slot.reception().close();
            }
        }
    }

    private static Duration cpu(List<ProcessHandle> processes) {
        return processes.stream()
                .map(process -> process.info().totalCpuDuration().orElse(Duration.ZERO))
                .reduce(Duration.ZERO, Duration::plus);
    }

    private void migrateAll() throws IOException, InterruptedException {
        long[] arrivals = Arrivals.of(scenario);
        try (var scope = StructuredTaskScope.open(Joiner.awaitAllSuccessfulOrThrow())) {
            long start = System.nanoTime() + LEAD.toNanos();
            for (long arrival : arrivals) {
                scope.fork(() -> {
                    migrate(start + arrival);
                    return null;
                });
            }
            scope.join();
        } catch (FailedException e) {
            throw e.getCause() instanceof IOException failure
                    ? failure
                    : new LoadException("turn must end", e.getCause());
        }
    }

    private void migrate(long dueNanos) throws IOException, InterruptedException {
        awaitUntil(dueNanos);
        Slot slot = free.take();
        try (Target.Reception reception = slot.reception()) {
            Job job = new Job(Job.Kind.SEND, scenario, slot.guest(), reception.uri(), Path.of(""), credentials);
            Sent sent = testbed.source().run(job, Sent.class);
            Optional<String> error = sent.error() == null ? reception.await() : Optional.of(sent.error());
            note(new TurnFigures.Done(dueNanos, sent), error);
        }
        putBack(slot.guest());
    }

    /** What its source takes for complete has failed all the same where it did not arrive. */
    private void note(TurnFigures.Done done, Optional<String> error) {
        synchronized (completed) {
            if (error.isEmpty()) {
                completed.add(done);
            } else {
                errors.add(error.get());
                LOG.info("migration failed: scenario={} reason=\"{}\"", scenario.name(), error.get());
            }
        }
    }

    /** A guest is free for the next migration, if there is one. */
    private void putBack(int guest) throws IOException, InterruptedException {
        if (toPrepare.getAndDecrement() > 0) {
            free.put(new Slot(guest, target.receive()));
        }
    }

    private static void awaitUntil(long nanos) throws InterruptedException {
        while (true) {
            long remaining = nanos - System.nanoTime();
            if (remaining <= 0) {
                return;
            }
            LockSupport.parkNanos(Math.min(remaining, TimeUnit.SECONDS.toNanos(1)));
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }
}
