package io.pageferry.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.image.Image;
import io.pageferry.memory.RamBlock;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationStatus;
import io.pageferry.session.OutgoingMigration;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.LeakFree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A destination that stops reading, and reads on when its guest's migration was cancelled long ago: what it gets then
 * is that guest's, though another guest has been sent by the same process since.
 */
@LeakFree
@Timeout(120)
class ZeroCopyIsolationTest {
    private static final int CHANNELS = 2;
    private static final int MAIN = 0;
    private static final long DEADLINE_SECONDS = 20;

    /** More than sockets hold, so that who does not read stops who writes. */
    private static final long GUEST_BYTES = 32L << 20;

    private static final long SOME_BYTES = 500_000;
    private static final long ALL = Long.MAX_VALUE;

    /** What all pages of a guest are full of. */
    private static final byte FIRST = 0x11;

    private static final byte SECOND = 0x22;

    /** Longer than anything of the wire that happens to look like a page. */
    private static final int RUN_BYTES = 256;

    @TempDir
    Path folder;

    @Test
    void shouldSendNobodyElsesBytesWhenPeerReadsOnAfterCancel() throws Exception {
        Path first = image("first", FIRST);
        Path second = image("second", SECOND);
        CountDownLatch readOn = new CountDownLatch(1);
        Findings left = new Findings();
        Findings complete = new Findings();
        try (Destination busy = Destination.start(stopping(readOn, new Findings()));
                Destination cancelled = Destination.start(stopping(readOn, left));
                Destination other = Destination.start((_, connection) -> complete.search(connection, ALL))) {
            // Runs all the time, so that the process keeps buffers for whoever comes next, as a server does.
            Sending neighbour = send(first, busy.uri(), MigrationParameters.builder());
            Sending of1 = send(
                    first, cancelled.uri(), MigrationParameters.builder().enable(MigrationCapability.ZERO_COPY_SEND));
            Eventually.until("channels that wait for their peer", () -> ZeroCopyThreads.waiting() == CHANNELS);
            cancel(of1);
            assertEquals(
                    CHANNELS,
                    of1.migration.progress().stats().zeroCopyLostBuffers(),
                    "each channel had a buffer under way");

            Sending of2 = send(second, other.uri(), MigrationParameters.builder());
            Eventually.until("all of the second guest", () -> complete.of(SECOND) == GUEST_BYTES);
            readOn.countDown();
            cancelled.awaitClosed();
            cancel(of2);
            cancel(neighbour);
            other.awaitClosed();
            busy.awaitClosed();
        }
        assertEquals(0, left.of(SECOND), "bytes of the second guest at the first one's destination");
        assertTrue(left.of(FIRST) > CHANNELS * SOME_BYTES, "the kernel sends on what it has");
        assertEquals(0, complete.of(FIRST), "bytes of the first guest at the second one's destination");
    }

    private static void cancel(Sending sending) throws Exception {
        sending.migration.cancel();
        assertEquals(MigrationStatus.CANCELLED, sending.awaitEnd().status());
    }

    /** Reads some of each channel, and all else when it may. */
    private static Destination.Behaviour stopping(CountDownLatch readOn, Findings findings) {
        return (number, connection) -> {
            if (number != MAIN) {
                findings.search(connection, SOME_BYTES);
                Destination.keepUntil(readOn);
            }
            findings.search(connection, ALL);
        };
    }

    private Path image(String name, byte content) {
        Path path = folder.resolve(name);
        try (SyntheticGuest guest = new SyntheticGuest(new GuestShape(GUEST_BYTES, 0, 1, 0, 1))) {
            RamBlock block = guest.memory().layout().block(0);
            guest.memory().region(block).segment().fill(content);
            MigrationOutcome made = OutgoingMigration.of(
                            new SyntheticOutgoingGuest(guest),
                            new MigrationUri.ImageFile(path, 0),
                            Optional.empty(),
                            MigrationParameters.defaults())
                    .run();
            assertEquals(MigrationStatus.COMPLETED, made.status(), String.valueOf(made.failure()));
        }
        return path;
    }

    /** A migration on a thread of its own. */
    private record Sending(OutgoingMigration migration, CompletableFuture<MigrationOutcome> outcome) {
        MigrationOutcome awaitEnd() throws Exception {
            return outcome.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private static Sending send(Path image, MigrationUri uri, MigrationParameters.Builder parameters)
            throws IOException {
        Image opened = Image.open(image, 0, GUEST_BYTES, false);
        OutgoingMigration migration = OutgoingMigration.of(
                opened,
                uri,
                Optional.empty(),
                parameters.multifdChannels(CHANNELS).build());
        CompletableFuture<MigrationOutcome> outcome = new CompletableFuture<>();
        Thread.ofPlatform().name("sending").start(() -> {
            try (opened) {
                outcome.complete(migration.run());
            } catch (IOException e) {
                outcome.completeExceptionally(e);
            }
        });
        return new Sending(migration, outcome);
    }

    /** How many bytes of either guest came. */
    private static final class Findings {
        private final AtomicLong ofFirst = new AtomicLong();
        private final AtomicLong ofSecond = new AtomicLong();

        long of(byte content) {
            return (content == FIRST ? ofFirst : ofSecond).get();
        }

        /**
         * Reads so many bytes, or to the end, and counts those of pages; called twice for a connection, what lies
         * across the two is not counted.
         */
        void search(SocketChannel connection, long bytes) throws IOException {
            ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
            long left = bytes;
            byte last = 0;
            long run = 0;
            while (left > 0) {
                int read = connection.read(buffer.clear().limit((int) Math.min(left, buffer.capacity())));
                if (read < 0) {
                    break;
                }
                left -= read;
                for (byte next : Arrays.copyOf(buffer.array(), read)) {
                    if (next == last) {
                        run++;
                    } else {
                        count(last, run);
                        last = next;
                        run = 1;
                    }
                }
            }
            count(last, run);
        }

        private void count(byte content, long run) {
            if (run >= RUN_BYTES && (content == FIRST || content == SECOND)) {
                (content == FIRST ? ofFirst : ofSecond).addAndGet(run);
            }
        }
    }
}
