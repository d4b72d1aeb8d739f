package io.pageferry.memory;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.pageferry.testing.LeakFree;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@LeakFree
@Timeout(30)
class WarmMemoryTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final long SIZE = 4L << 20;

    @Test
    void shouldGiveTheRegionOfThatSizeThatCameLast() {
        try (WarmMemory warm = new WarmMemory(4 * SIZE, LONG)) {
            MemoryRegion first = MemoryRegion.allocate(SIZE);
            MemoryRegion second = MemoryRegion.allocate(SIZE);
            List.of(first, second, MemoryRegion.allocate(2 * SIZE)).forEach(warm::giveBack);
            assertEquals(4 * SIZE, warm.keptBytes());
            assertSame(second, warm.take(SIZE));
            assertSame(first, warm.take(SIZE));
            assertNull(warm.take(SIZE));
            assertEquals(2 * SIZE, warm.keptBytes());
            first.close();
            second.close();
        }
    }

    @Test
    void shouldCloseTheOldestWhenThereIsTooMuch() {
        long open = MemoryRegion.openRegions();
        try (WarmMemory warm = new WarmMemory(2 * SIZE, LONG)) {
            MemoryRegion second = MemoryRegion.allocate(SIZE);
            MemoryRegion third = MemoryRegion.allocate(SIZE);
            List.of(MemoryRegion.allocate(SIZE), second, third).forEach(warm::giveBack);
            assertEquals(2 * SIZE, warm.keptBytes());
            assertEquals(2, MemoryRegion.openRegions() - open);
            assertSame(third, warm.take(SIZE));
            assertSame(second, warm.take(SIZE));
            second.close();
            third.close();
        }
    }

    @Test
    void shouldKeepWhatItHasWhenTooLargeARegionComes() {
        long open = MemoryRegion.openRegions();
        try (WarmMemory warm = new WarmMemory(2 * SIZE, LONG)) {
            warm.giveBack(MemoryRegion.allocate(SIZE));
            warm.giveBack(MemoryRegion.allocate(3 * SIZE));
            assertEquals(SIZE, warm.keptBytes());
            assertEquals(1, MemoryRegion.openRegions() - open);
        }
    }

    /** The next guest would write into what the network has not sent yet. */
    @Test
    void shouldKeepNothingThatTheNetworkMayStillRead() {
        long open = MemoryRegion.openRegions();
        try (WarmMemory warm = new WarmMemory(2 * SIZE, LONG)) {
            MemoryRegion lent = MemoryRegion.allocate(SIZE);
            lent.lend();
            lent.lend();
            lent.giveBack();
            warm.giveBack(lent);
            assertEquals(0, warm.keptBytes());
            assertEquals(open, MemoryRegion.openRegions());
        }
    }

    @Test
    void shouldGiveBackWhatNobodyHasWantedForAWhile() {
        long open = MemoryRegion.openRegions();
        try (WarmMemory warm = new WarmMemory(2 * SIZE, Duration.ofMillis(20))) {
            warm.giveBack(MemoryRegion.allocate(SIZE));
            warm.giveBack(MemoryRegion.allocate(SIZE));
            await().until(() -> warm.keptBytes() == 0);
            assertEquals(open, MemoryRegion.openRegions());
        }
    }

    @Test
    void shouldKeepNothingWhenItIsClosed() {
        long open = MemoryRegion.openRegions();
        WarmMemory warm = new WarmMemory(2 * SIZE, LONG);
        warm.giveBack(MemoryRegion.allocate(SIZE));
        MemoryRegion late = MemoryRegion.allocate(SIZE);
        warm.close();
        warm.giveBack(late);
        assertEquals(0, warm.keptBytes());
        assertEquals(open, MemoryRegion.openRegions());
    }
}
