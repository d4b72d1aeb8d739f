package io.pageferry.cli;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.memory.GuestMemory;
import io.pageferry.memory.RamBlock;
import io.pageferry.net.Listener;
import io.pageferry.net.NetException;
import io.pageferry.send.DoesNotConvergeException;
import io.pageferry.send.OutgoingGuest;
import io.pageferry.send.SendException;
import io.pageferry.session.Destination;
import io.pageferry.session.IncomingMigration;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationProgress;
import io.pageferry.session.MigrationStatus;
import io.pageferry.session.OutgoingMigration;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Both ends of a migration in one process, over loopback. Belongs to one thread, which is the sending end; the other
 * end has a thread of its own.
 */
final class LoopbackMigration implements AutoCloseable {
    private static final MigrationUri ANY_PORT = new MigrationUri.Tcp("127.0.0.1", 0);

    /** How long the receiving end may take to say why it failed, when the sending one has. */
    private static final Duration LAST_WORD = Duration.ofSeconds(2);

    private final Listener listener;
    private final IncomingMigration incoming;
    private final OutgoingMigration outgoing;

    /** Makes a migration; the destination stays its maker's. */
    LoopbackMigration(OutgoingGuest guest, Destination destination, MigrationParameters parameters) throws IOException {
        listener = Listener.open(ANY_PORT, parameters.multifdChannels() + 1);
        incoming = IncomingMigration.from(listener, Optional.empty(), parameters, destination);
        outgoing = OutgoingMigration.of(guest, listener.uri(), Optional.empty(), parameters);
    }

    MigrationProgress progress() {
        return outgoing.progress();
    }

    /**
     * Runs it to its end: what the sending end says of it, and in case of failure the reason of the end that failed
     * first.
     */
    MigrationOutcome run() throws InterruptedException {
        AtomicReference<MigrationOutcome> arrived = new AtomicReference<>();
        Thread receiver = Thread.ofVirtual().name("receiver").start(() -> arrived.set(incoming.run()));
        try {
            MigrationOutcome sent = outgoing.run();
            if (sent.status() == MigrationStatus.FAILED) {
                receiver.join(LAST_WORD);
            }
            if (!sent.completed()) {
                receiver.interrupt();
            }
            receiver.join();
            return judge(sent, arrived.get());
        } finally {
            receiver.interrupt();
        }
    }

    private static MigrationOutcome judge(MigrationOutcome sent, MigrationOutcome arrived) {
        if (sent.status() == MigrationStatus.CANCELLED || arrived.failure().isEmpty()) {
            return sent;
        }
        Throwable reason = arrived.failure().get();
        if (sent.completed()) {
            return failed(sent, reason);
        }
        Throwable failure = sent.failure().orElseThrow();
        return mayStemFromDestination(failure) && !(reason instanceof NetException) ? failed(sent, reason) : sent;
    }

    /** Whether a sender's failure is that of its destination, or looks like one from its end. */
    private static boolean mayStemFromDestination(Throwable failure) {
        return failure instanceof NetException
                || failure instanceof SendException && !(failure instanceof DoesNotConvergeException);
    }

    /**
     * Compares all of two guests' RAM, which stand still: an outcome that is completed stays so only if they are equal.
     */
    static MigrationOutcome verify(MigrationOutcome outcome, GuestMemory sent, GuestMemory arrived) {
        for (RamBlock block : sent.layout().blocks()) {
            long mismatch =
                    sent.region(block).segment().mismatch(arrived.region(block).segment());
            if (mismatch >= 0) {
                return failed(
                        outcome,
                        new IOException("page must arrive as it was sent: block=" + block.name() + " offset=0x"
                                + Long.toHexString(mismatch / block.pageSizeBytes() * block.pageSizeBytes())));
            }
        }
        return outcome;
    }

    private static MigrationOutcome failed(MigrationOutcome outcome, Throwable reason) {
        return new MigrationOutcome(MigrationStatus.FAILED, Optional.of(reason), outcome.progress());
    }

    /** Lets go of the address, also where the migration has not been run. */
    @Override
    public void close() {
        listener.close();
    }
}
