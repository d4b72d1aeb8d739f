package io.pageferry.store.reservation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who has room on disk, with a disk of which it is said how much is free, and a clock that is set. */
@Timeout(30)
class ReservationsTest {
    private static final long MIB = 1L << 20;
    private static final long STEP = Reservation.STEP_BYTES;
    private static final Duration STALE = Duration.ofSeconds(30);

    private long now;
    private long free = 100 * MIB;
    private final Reservations all = new Reservations("store", 10 * MIB, () -> free, () -> now);

    private static void write(Reservation reservation, long bytesBesidePages) throws ReservationException {
        reservation.end(reservation.begin(bytesBesidePages), bytesBesidePages);
    }

    private void write(Reservation reservation, AtomicLong onDisk, long bytesBesidePages) throws ReservationException {
        write(reservation, bytesBesidePages);
        onDisk.addAndGet(bytesBesidePages);
        free -= bytesBesidePages;
    }

    private Reservation guest(String name, AtomicLong onDisk) {
        return all.open(name, STALE, onDisk::get);
    }

    @Test
    void shouldReserveDeviceStateInStepsBeforeItIsWritten() throws Exception {
        AtomicLong onDisk = new AtomicLong();
        Reservation guest = guest("guest", onDisk);
        guest.reserve(MIB, 0);
        assertEquals(MIB + STEP, guest.outstandingBytes());
        write(guest, onDisk, STEP);
        assertEquals(MIB, guest.outstandingBytes());
        long use = guest.begin(1);
        assertEquals(MIB + STEP, guest.outstandingBytes());
        guest.end(use, 1);
        onDisk.addAndGet(1);
        assertEquals(MIB + STEP - 1, guest.outstandingBytes());
    }

    @Test
    void shouldEndOnlyTheGuestWhoseDeviceStateFindsNoRoom() throws Exception {
        AtomicLong neighbourOnDisk = new AtomicLong();
        Reservation neighbour = guest("neighbour", neighbourOnDisk);
        neighbour.reserve(20 * MIB, 0);
        AtomicLong onDisk = new AtomicLong();
        Reservation greedy = guest("greedy", onDisk);
        greedy.reserve(MIB, 0);
        for (int i = 0; i < 3; i++) {
            write(greedy, onDisk, STEP / 2);
        }
        String refusal = assertThrows(ReservationException.class, () -> {
                    for (int i = 0; i < 10; i++) {
                        write(greedy, onDisk, STEP / 2);
                    }
                })
                .getMessage();
        assertTrue(refusal.startsWith("guest must have room on disk: needed=16 MiB free="), refusal);
        assertTrue(free - 10 * MIB >= neighbour.outstandingBytes(), refusal);
        write(neighbour, neighbourOnDisk, STEP);
        all.remove(greedy);
        free += onDisk.get();
        write(neighbour, neighbourOnDisk, STEP);
    }

    @Test
    void shouldGiveRoomThatNobodyUsesToWhoNeedsIt() throws Exception {
        AtomicLong written = new AtomicLong();
        Reservation idle = guest("idle", written);
        idle.reserve(60 * MIB, 0);
        Reservation other = guest("other", new AtomicLong());
        now += STALE.toNanos() - 1;
        assertThrows(ReservationException.class, () -> other.reserve(60 * MIB, 0));
        now++;
        other.reserve(60 * MIB, 0);
        assertEquals(0, idle.outstandingBytes());
        String refusal =
                assertThrows(ReservationException.class, () -> write(idle, 0)).getMessage();
        assertTrue(refusal.contains("needed=76 MiB"), refusal);
        assertTrue(refusal.contains("given back"), refusal);
        all.remove(other);
        write(idle, 0);
        assertEquals(60 * MIB + STEP, idle.outstandingBytes());
    }

    @Test
    void shouldKeepRoomThatIsUsed() throws Exception {
        Reservation slow = guest("slow", new AtomicLong());
        slow.reserve(60 * MIB, 0);
        Reservation other = guest("other", new AtomicLong());
        for (int i = 0; i < 10; i++) {
            now += STALE.toNanos() - 1;
            assertThrows(ReservationException.class, () -> other.reserve(60 * MIB, 0));
            write(slow, 0);
        }
        long use = slow.begin(0);
        now += 10 * STALE.toNanos();
        assertThrows(ReservationException.class, () -> other.reserve(60 * MIB, 0)); // a slow disk's write
        slow.end(use, 0);
    }

    @Test
    void shouldKeepRoomWhenItsLastUseTookLong() throws Exception {
        Reservation slow = guest("slow", new AtomicLong());
        slow.reserve(60 * MIB, 0);
        Reservation other = guest("other", new AtomicLong());
        long use = slow.begin(0);
        now += STALE.toNanos() + 1;
        slow.end(use, 0);
        assertThrows(ReservationException.class, () -> other.reserve(60 * MIB, 0));
        write(slow, 0);
    }

    /** Taken ahead, say: then it is not free any more, and not reserved. */
    @Test
    void shouldCountOnceWhatIsOnDiskAlready() throws Exception {
        AtomicLong onDisk = new AtomicLong();
        Reservation ahead = guest("ahead", onDisk);
        ahead.reserve(40 * MIB, 0);
        onDisk.set(40 * MIB);
        free -= 40 * MIB;
        assertEquals(STEP, ahead.outstandingBytes());
        guest("other", new AtomicLong()).reserve(free - 10 * MIB - 2 * STEP, 0);
    }

    @Test
    void shouldNeedNoRoomForPagesThatNeverComeWhenAllHaveCome() throws Exception {
        Reservation guest = guest("guest", new AtomicLong(3 * MIB));
        guest.reserve(60 * MIB, MIB);
        guest.allPagesHaveCome();
        assertEquals(MIB + STEP, guest.outstandingBytes());
    }

    @Test
    void shouldHoldTheGuestsOfOneHostToItsShare() throws Exception {
        for (String name : new String[] {"first", "second"}) {
            Reservation guest = guest(name, new AtomicLong());
            guest.heldBy(Set.of("host=/10.0.0.1", "identity=CN=" + name), 0.75);
            guest.reserve(10 * MIB, 0);
        }
        Reservation third = guest("third", new AtomicLong());
        third.heldBy(Set.of("host=/10.0.0.1", "identity=CN=third"), 0.75);
        String refusal = assertThrows(ReservationException.class, () -> third.reserve(MIB, 0))
                .getMessage();
        assertTrue(refusal.contains("holder=host=/10.0.0.1 needed=17 MiB held=52 MiB"), refusal);
        assertTrue(refusal.contains("host-share=0.75"), refusal);
        Reservation other = guest("other", new AtomicLong());
        other.heldBy(Set.of("host=/10.0.0.2", "identity=CN=third"), 0.75);
        other.reserve(MIB, 0);
    }
}
