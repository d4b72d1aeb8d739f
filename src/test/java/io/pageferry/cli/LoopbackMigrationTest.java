package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.pageferry.config.MigrationParameters;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.memory.DirtyLog;
import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.PageSink;
import io.pageferry.memory.RamBlock;
import io.pageferry.memory.RamLayout;
import io.pageferry.receive.ReceivedGuest;
import io.pageferry.send.DoesNotConvergeException;
import io.pageferry.send.OutgoingGuest;
import io.pageferry.session.Destination;
import io.pageferry.session.MemoryDestination;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationStatus;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.Section;
import io.pageferry.testing.ForwardingGuest;
import io.pageferry.testing.LeakFree;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The demo's two ends: whichever fails, the reason that is told is the one that came first. */
@LeakFree
@Timeout(60)
class LoopbackMigrationTest {
    private static final long SIZE = 8 << 20;
    private static final GuestShape QUIET = new GuestShape(SIZE, 0, 0.25, 0.5, 1);
    private static final MigrationParameters PARAMETERS =
            MigrationParameters.builder().multifdChannels(3).maxRam(SIZE).build();

    @Test
    void shouldArriveAsItWasSent() throws Exception {
        try (SyntheticGuest guest = new SyntheticGuest(QUIET);
                MemoryDestination destination = new MemoryDestination()) {
            MigrationOutcome outcome = migrate(new SyntheticOutgoingGuest(guest), destination, PARAMETERS);
            assertEquals(MigrationStatus.COMPLETED, outcome.status());
            assertSame(outcome, LoopbackMigration.verify(outcome, guest.memory(), destination.memory()));
        }
    }

    @Test
    void shouldFailWhenAPageIsNotAsItWasSent() throws Exception {
        try (SyntheticGuest guest = new SyntheticGuest(QUIET);
                MemoryDestination destination = new MemoryDestination()) {
            OutgoingGuest changing = new DelegatingGuest(new SyntheticOutgoingGuest(guest)) {
                @Override
                public void stop() {
                    // Not in the dirty log, so nobody is going to send it.
                    RamBlock block = guest.memory().layout().block(0);
                    guest.memory().region(block).segment().set(ValueLayout.JAVA_BYTE, 0x3abc, (byte) 0x5a);
                }
            };
            MigrationOutcome outcome = migrate(changing, destination, PARAMETERS);
            assertEquals(MigrationStatus.COMPLETED, outcome.status());

            MigrationOutcome verified = LoopbackMigration.verify(outcome, guest.memory(), destination.memory());

            assertEquals(MigrationStatus.FAILED, verified.status());
            assertEquals(
                    "page must arrive as it was sent: block=ram offset=0x3000",
                    Ending.describe(verified.failure().orElseThrow()));
        }
    }

    @Test
    void shouldTellTheReceivingEndsReasonWhenItCannotTakeTheGuest() throws Exception {
        shouldTellReason("destination must have room", new DelegatingDestination() {
            @Override
            public PageSink open(Configuration configuration, Section ram, RamLayout layout) throws IOException {
                throw new IOException("destination must have room");
            }
        });
    }

    @Test
    void shouldTellTheReceivingEndsReasonWhenItCannotKeepTheGuest() throws Exception {
        shouldTellReason("guest must be kept", new DelegatingDestination() {
            @Override
            public void complete(ReceivedGuest guest) throws IOException {
                throw new IOException("guest must be kept");
            }
        });
    }

    private static void shouldTellReason(String reason, Destination destination) throws Exception {
        try (SyntheticGuest guest = new SyntheticGuest(QUIET);
                destination) {
            MigrationOutcome outcome = migrate(new SyntheticOutgoingGuest(guest), destination, PARAMETERS);
            assertEquals(MigrationStatus.FAILED, outcome.status());
            assertEquals(reason, outcome.failure().orElseThrow().getMessage());
        }
    }

    @Test
    void shouldTellTheSendingEndsReasonWhenItFailsFirst() throws Exception {
        try (SyntheticGuest guest = new SyntheticGuest(QUIET);
                MemoryDestination destination = new MemoryDestination()) {
            OutgoingGuest broken = new DelegatingGuest(new SyntheticOutgoingGuest(guest)) {
                @Override
                public void stop() {
                    throw new IllegalStateException("guest must stop");
                }
            };
            MigrationOutcome outcome = migrate(broken, destination, PARAMETERS);
            assertEquals(MigrationStatus.FAILED, outcome.status());
            assertEquals("guest must stop", outcome.failure().orElseThrow().getMessage());
        }
    }

    @Test
    void shouldGiveTheVerdictWhenTheGuestDoesNotConverge() throws Exception {
        MigrationParameters hurried = MigrationParameters.builder()
                .multifdChannels(1)
                .maxRam(SIZE)
                .downtimeLimit(Duration.ZERO)
                .build();
        try (SyntheticGuest guest = new SyntheticGuest(QUIET);
                MemoryDestination destination = new MemoryDestination()) {
            OutgoingGuest busy = new DelegatingGuest(new SyntheticOutgoingGuest(guest)) {
                @Override
                public Optional<DirtyLog> dirtyLog() {
                    return Optional.of(LoopbackMigrationTest::allDirty);
                }

                @Override
                public void stop() {
                    throw new AssertionError("guest must not be stopped");
                }
            };
            MigrationOutcome outcome = migrate(busy, destination, hurried);
            assertInstanceOf(DoesNotConvergeException.class, outcome.failure().orElseThrow());
        }
    }

    private static long allDirty(RamBlock block, PageBitmap into) {
        into.setAll();
        return block.pages();
    }

    @Test
    void shouldBeCancelledAtBothEndsWhenItsThreadIsInterrupted() throws Exception {
        try (SyntheticGuest guest = new SyntheticGuest(QUIET);
                MemoryDestination destination = new MemoryDestination()) {
            Thread migrating = Thread.currentThread();
            OutgoingGuest interrupting = new DelegatingGuest(new SyntheticOutgoingGuest(guest)) {
                @Override
                public void stop() throws InterruptedException {
                    migrating.interrupt();
                    new CountDownLatch(1).await(); // as long as nobody ends the migration
                }
            };
            MigrationOutcome outcome = migrate(interrupting, destination, PARAMETERS);
            assertEquals(MigrationStatus.CANCELLED, outcome.status());
            assertEquals(Optional.empty(), outcome.failure());
        }
    }

    @Test
    void shouldCompleteAtBothEndsWhenItIsInterruptedOnceTheGuestIsKept() throws Exception {
        try (SyntheticGuest guest = new SyntheticGuest(QUIET);
                Destination destination = new DelegatingDestination() {
                    @Override
                    public void complete(ReceivedGuest received) throws IOException {
                        super.complete(received);
                        Thread.currentThread().interrupt();
                    }
                }) {
            MigrationOutcome outcome = migrate(new SyntheticOutgoingGuest(guest), destination, PARAMETERS);
            assertEquals(MigrationStatus.COMPLETED, outcome.status(), outcome.toString());
        }
    }

    @Test
    void shouldLetGoOfItsAddressWhenItIsNeverRun() throws Exception {
        try (SyntheticGuest guest = new SyntheticGuest(QUIET);
                MemoryDestination destination = new MemoryDestination();
                LoopbackMigration migration =
                        new LoopbackMigration(new SyntheticOutgoingGuest(guest), destination, PARAMETERS)) {
            assertEquals(MigrationStatus.NONE, migration.progress().status());
        }
    }

    private static MigrationOutcome migrate(
            OutgoingGuest guest, Destination destination, MigrationParameters parameters)
            throws IOException, InterruptedException {
        try (LoopbackMigration migration = new LoopbackMigration(guest, destination, parameters)) {
            return migration.run();
        }
    }

    private static class DelegatingDestination implements Destination {
        private final MemoryDestination memory = new MemoryDestination();

        @Override
        public PageSink open(Configuration configuration, Section ram, RamLayout layout) throws IOException {
            return memory.open(configuration, ram, layout);
        }

        @Override
        public void complete(ReceivedGuest guest) throws IOException {
            memory.complete(guest);
        }

        @Override
        public void close() {
            memory.close();
        }
    }

    private abstract static class DelegatingGuest implements ForwardingGuest {
        private final OutgoingGuest guest;

        DelegatingGuest(OutgoingGuest guest) {
            this.guest = guest;
        }

        @Override
        public OutgoingGuest guest() {
            return guest;
        }
    }
}
