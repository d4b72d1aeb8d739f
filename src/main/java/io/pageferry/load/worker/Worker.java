package io.pageferry.load.worker;

import io.pageferry.config.ConfigException;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.image.PendingImage;
import io.pageferry.load.Scenario;
import io.pageferry.load.Setting;
import io.pageferry.memory.WarmMemory;
import io.pageferry.net.Listener;
import io.pageferry.net.tls.TlsSecurity;
import io.pageferry.session.CheckpointDestination;
import io.pageferry.session.Destination;
import io.pageferry.session.IncomingMigration;
import io.pageferry.session.MemoryDestination;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.OutgoingMigration;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One end of the migrations of a load test, in a process of its own: {@link WorkerProcess} starts it and asks it to do
 * {@linkplain Job jobs}, each over a connection of its own and on a thread of its own.
 */
public final class Worker implements AutoCloseable {
    static final String READY_SUFFIX = ".ready";

    /** Longer than another scenario's turn takes. */
    private static final Duration KEEP_WARM = Duration.ofMinutes(1);

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    private final ServerSocketChannel listener;
    private final SourceGuests guests = new SourceGuests();
    private final AtomicLong images = new AtomicLong();
    private final WarmMemory warmMemory = new WarmMemory(Long.MAX_VALUE, KEEP_WARM);

    private Worker(Path socket) throws IOException {
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(socket), 1_000);
    }

    /**
     * Works until whoever has started it ends, or lets go of it.
     *
     * @param socket where to be asked; who has started it waits at the same with {@value #READY_SUFFIX} to be told that
     *     it can ask
     */
    public static void serve(Path socket) throws IOException, InterruptedException {
        try (Worker worker = new Worker(socket);
                JsonConnection master = JsonConnection.to(Path.of(socket + READY_SUFFIX))) {
            Thread acceptor = Thread.ofVirtual().name("acceptor").start(worker::accept);
            master.write(true);
            try {
                master.read();
            } catch (EOFException e) {
                // That is how it is told to end.
            }
            worker.listener.close();
            acceptor.join();
        }
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel accepted = listener.accept();
                Thread.ofVirtual().name("job").start(() -> work(accepted));
            }
        } catch (ClosedChannelException e) {
            // Told to end.
        } catch (IOException e) {
            LOG.error("worker must be able to accept jobs", e);
        }
    }

    private void work(SocketChannel channel) {
        try (JsonConnection master = new JsonConnection(channel)) {
            Job job = master.read(Job.class);
            switch (job.kind()) {
                case PREPARE -> {
                    guests.prepare(job.scenario());
                    answer(master, true);
                }
                case SEND -> answer(master, send(job));
                case RECEIVE -> receive(job, master);
            }
        } catch (IOException | ConfigException | InterruptedException | OutOfMemoryError e) {
            // Its connection closes, which is told at the other end; this says why.
            LOG.error("load worker must do its job: reason=\"{}\"", e.toString());
        }
    }

    /** Says whether anybody wants the answer: a master that has been cancelled meanwhile does not. */
    private static boolean answer(JsonConnection master, Object answer) {
        try {
            master.write(answer);
            return true;
        } catch (IOException e) {
            LOG.debug("nobody waits for an answer any more", e);
            return false;
        }
    }

    private Sent send(Job job) throws IOException, InterruptedException {
        SyntheticGuest guest = guests.get(job.scenario(), job.guest());
        MigrationParameters parameters = job.scenario().parameters(job.credentials());
        OutgoingMigration migration = OutgoingMigration.of(
                new SyntheticOutgoingGuest(guest), MigrationUri.parse(job.address()), Optional.empty(), parameters);
        long guestNanos = guest.processorNanos();
        long start = System.nanoTime();
        MigrationOutcome outcome;
        Sampler sampler = Sampler.start(migration.progress().stats());
        try {
            guest.start();
            outcome = migration.run();
        } finally {
            sampler.stop();
            guest.stop();
        }
        long end = System.nanoTime();
        return sampler.describe(outcome, start, end, guest.processorNanos() - guestNanos);
    }

    private void receive(Job job, JsonConnection master) throws IOException {
        MigrationParameters parameters = job.scenario().parameters(job.credentials());
        Path image = job.folder().resolve("guest-" + images.incrementAndGet());
        try (Listener listening = Listener.open(
                        new MigrationUri.Tcp(job.address(), 0),
                        parameters.multifdChannels() + 1,
                        TlsSecurity.ofServer(parameters.tls()));
                Destination destination = destination(job.scenario(), image, parameters)) {
            IncomingMigration migration = IncomingMigration.from(listening, Optional.empty(), parameters, destination);
            // A source that never came is known to the master only, who hangs up.
            master.onHangUp("lost-master", migration::cancel);
            if (answer(master, listening.uri().toString())) {
                answer(master, Received.of(migration.run()));
            }
        } finally {
            Files.deleteIfExists(image);
        }
    }

    private Destination destination(Scenario scenario, Path image, MigrationParameters parameters) throws IOException {
        if (scenario.is(Setting.TARGET, "sink")) {
            return new DiscardDestination();
        }
        return switch (scenario.text(Setting.DESTINATION)) {
            case "memory" -> new MemoryDestination();
            case "memory-warm" -> new MemoryDestination(warmMemory);
            default -> CheckpointDestination.of(PendingImage.at(image, parameters.directIo()), parameters);
        };
    }

    @Override
    public void close() throws IOException {
        listener.close();
        guests.close();
        warmMemory.close();
    }
}
