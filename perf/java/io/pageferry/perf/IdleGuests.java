package io.pageferry.perf;

import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.send.OutgoingGuest;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.OutgoingMigration;
import io.pageferry.testing.ForwardingGuest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/**
 * Guests whose RAM has been moved and which will not stop yet: migrations that have all they need, and nothing to do.
 * They share their RAM.
 */
final class IdleGuests implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final SyntheticGuest guest;
    private final CountDownLatch toStop = new CountDownLatch(1);
    private final CountDownLatch idle;
    private final List<FutureTask<MigrationOutcome>> migrations = new ArrayList<>();

    /** Sends so many, and waits until all of them are idle. */
    IdleGuests(int number, long ramBytes, int channels, MigrationUri destination)
            throws IOException, InterruptedException {
        guest = new SyntheticGuest(new GuestShape(ramBytes, 0, 0, 0, 1));
        idle = new CountDownLatch(number);
        MigrationParameters parameters = MigrationParameters.builder()
                .multifdChannels(channels)
                .enable(MigrationCapability.VALIDATE_UUID)
                .stallTimeout(PATIENCE)
                .build();
        for (int i = 0; i < number; i++) {
            OutgoingMigration migration = OutgoingMigration.of(
                    new Idle(new SyntheticOutgoingGuest(guest), idle, toStop),
                    destination,
                    Optional.of(new UUID(1, i)),
                    parameters);
            FutureTask<MigrationOutcome> task = new FutureTask<>(migration::run);
            migrations.add(task);
            Thread.ofVirtual().start(task);
        }
        if (!idle.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IOException("guests must become idle: missing=" + idle.getCount());
        }
    }

    /** Lets all complete. */
    void complete() throws Exception {
        toStop.countDown();
        for (FutureTask<MigrationOutcome> migration : migrations) {
            MigrationOutcome outcome = migration.get();
            if (!outcome.completed()) {
                throw new IOException(
                        "migration must complete", outcome.failure().orElse(null));
            }
        }
    }

    @Override
    public void close() {
        guest.close();
    }

    private record Idle(OutgoingGuest guest, CountDownLatch idle, CountDownLatch toStop) implements ForwardingGuest {
        /** Is asked for when a round has been moved and little is left. */
        @Override
        public void stop() throws InterruptedException {
            idle.countDown();
            toStop.await();
            guest.stop();
        }
    }
}
