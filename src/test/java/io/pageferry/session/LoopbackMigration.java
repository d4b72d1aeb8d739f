package io.pageferry.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.memory.GuestMemory;
import io.pageferry.memory.RamBlock;
import io.pageferry.net.Listener;
import io.pageferry.send.OutgoingGuest;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A migration from this process to itself, each end with its own thread, which can be interrupted. */
final class LoopbackMigration {
    private static final MigrationUri ANY_PORT = new MigrationUri.Tcp("127.0.0.1", 0);

    private final OutgoingMigration outgoing;
    private final IncomingMigration incoming;
    private final CompletableFuture<MigrationOutcome> sent = new CompletableFuture<>();
    private final CompletableFuture<MigrationOutcome> received = new CompletableFuture<>();
    private final Thread sender;
    private final Thread receiver;

    private LoopbackMigration(OutgoingGuest guest, Destination destination, MigrationParameters parameters)
            throws IOException {
        Listener listener = Listener.open(ANY_PORT, parameters.multifdChannels() + 1);
        incoming = IncomingMigration.from(listener, Optional.empty(), parameters, destination);
        outgoing = OutgoingMigration.of(guest, listener.uri(), Optional.empty(), parameters);
        receiver = Thread.ofVirtual().unstarted(() -> received.complete(incoming.run()));
        sender = Thread.ofVirtual().unstarted(() -> sent.complete(outgoing.run()));
    }

    static LoopbackMigration start(OutgoingGuest guest, Destination destination, MigrationParameters parameters)
            throws IOException {
        LoopbackMigration migration = new LoopbackMigration(guest, destination, parameters);
        migration.receiver.start();
        migration.sender.start();
        return migration;
    }

    /** How the sending end went, both having ended. */
    MigrationOutcome sent() throws InterruptedException {
        join();
        return sent.join();
    }

    /** How the receiving end went, both having ended. */
    MigrationOutcome received() throws InterruptedException {
        join();
        return received.join();
    }

    MigrationProgress sending() {
        return outgoing.progress();
    }

    MigrationProgress receiving() {
        return incoming.progress();
    }

    void interruptSender() {
        sender.interrupt();
    }

    void interruptReceiver() {
        receiver.interrupt();
    }

    private void join() throws InterruptedException {
        sender.join();
        receiver.join();
    }

    /** Both guests standing still. */
    static void requireSame(GuestMemory expected, GuestMemory actual) {
        assertEquals(expected.layout(), actual.layout());
        for (RamBlock block : expected.layout().blocks()) {
            assertEquals(
                    -1,
                    expected.region(block)
                            .segment()
                            .mismatch(actual.region(block).segment()),
                    () -> "first byte that differs in " + block.name());
        }
    }
}
