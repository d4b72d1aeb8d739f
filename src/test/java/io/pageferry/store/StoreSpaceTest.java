package io.pageferry.store;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.ByteSize;
import io.pageferry.memory.IoVector;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageSink;
import io.pageferry.memory.PageWriter;
import io.pageferry.memory.RamBlock;
import io.pageferry.store.folder.FolderStore;
import io.pageferry.store.reservation.Reservation;
import io.pageferry.store.reservation.ReservationException;
import io.pageferry.testing.LeakFree;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a store reserves of its disk. */
@LeakFree
@Timeout(30)
class StoreSpaceTest extends StoreScene {
    @Test
    void shouldRefuseAGuestThatDoesNotFitTheDisk() throws Exception {
        long free = Files.getFileStore(folder).getUsableSpace();
        try (ImageStore store =
                FolderStore.open(root, Retention.ALL, free - (1 << 20), Clock.fixed(NOON, ZoneOffset.UTC))) {
            ReservationException refusal = assertThrows(
                    ReservationException.class,
                    () -> store.reservations()
                            .open("image", Duration.ofSeconds(1), () -> 0)
                            .reserve(1L << 40, 0));
            assertTrue(
                    refusal.getMessage().startsWith("guest must have room on disk: needed=1 TiB free="),
                    refusal.getMessage());
        }
    }

    @Test
    void shouldLeaveNothingWhenAGuestDoesNotFitTheDisk() throws Exception {
        try (ImageStore store =
                        FolderStore.open(root, Retention.ALL, Long.MAX_VALUE, Clock.fixed(NOON, ZoneOffset.UTC));
                StoreDestination destination = store.receive(Optional.of(GUEST), Optional.empty(), PARAMETERS)) {
            Throwable failure = run(destination).orElseThrow();
            assertTrue(failure.getMessage().startsWith("guest must have room on disk"), failure.toString());
            assertFalse(Files.exists(root.resolve(GUEST.toString())));
        }
    }

    @Test
    void shouldRefuseAGuestForWhichTheRestOfTheDiskIsReserved() throws Exception {
        // So much that what others write meanwhile does not matter; none of it is written.
        long ram = Files.getFileStore(folder).getUsableSpace() / 5 * 3 & -4096;
        try (ImageStore store = open(NOON, Retention.ALL)) {
            StoreDestination first = store.receive(Optional.of(GUEST), Optional.empty(), PARAMETERS);
            open(first, ram);
            assertTrue(first.outstandingBytes() > ram + Reservation.STEP_BYTES);
            try (StoreDestination second = store.receive(Optional.empty(), Optional.empty(), PARAMETERS)) {
                ReservationException refusal = assertThrows(ReservationException.class, () -> open(second, ram));
                assertTrue(
                        refusal.getMessage()
                                .contains(" reservedByOthers=" + ByteSize.format(first.outstandingBytes()) + " "),
                        refusal.getMessage());
            }
            first.close();
            try (StoreDestination third = store.receive(Optional.empty(), Optional.empty(), PARAMETERS)) {
                open(third, ram);
            }
        }
    }

    @Test
    void shouldCountRoomOnceWhenPagesBecomeZero() throws Exception {
        int bytes = 16 << 20;
        try (ImageStore store = open(NOON, Retention.ALL);
                StoreDestination destination = store.receive(Optional.of(GUEST), Optional.empty(), PARAMETERS)) {
            PageSink sink = open(destination, bytes);
            RamBlock block = sink.layout().block(0);
            long before = destination.outstandingBytes();
            PageBatch batch = new PageBatch(0, 16);
            try (PageWriter writer = sink.openWriter()) {
                for (long offset = 0; offset < bytes; offset += 16L * block.pageSizeBytes()) {
                    batch.begin(block);
                    batch.addRun(offset, 16);
                    IoVector into = new IoVector(16);
                    writer.prepare(batch, into);
                    for (int i = 0; i < into.count(); i++) {
                        while (into.buffers()[i].hasRemaining()) {
                            into.buffers()[i].put((byte) 1);
                        }
                    }
                    writer.commit(batch);
                }
                writer.flush();
            }
            assertTrue(destination.outstandingBytes() <= before - bytes);
            for (long offset = 0; offset < bytes; offset += block.pageSizeBytes()) {
                sink.zero(block, offset);
            }
            assertTrue(destination.outstandingBytes() <= before - bytes, "pages stay on disk");
        }
    }
}
