package io.pageferry.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pageferry.testing.LeakFree;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@LeakFree
@Timeout(60)
class FirstTouchesTest {
    private static final int THREADS = 4;
    private static final int PAGE = 4096;

    @Test
    void shouldKeepWhatOthersHaveWrittenToTheSamePage() throws Exception {
        long size = 64 * NativeMemory.HUGE_PAGE_BYTES;
        try (MemoryRegion region = MemoryRegion.allocate(size)) {
            writeInTurns(region);
            for (long page = 0; page < size / PAGE; page++) {
                assertEquals(
                        mark(page),
                        region.window(page * PAGE).getByte(MemoryRegion.inWindow(page * PAGE)),
                        "page " + page);
            }
        }
    }

    @Test
    void shouldTouchTheEndOfARegionThatIsNoMultipleOfAHugePage() {
        long size = NativeMemory.HUGE_PAGE_BYTES + 3 * PAGE;
        try (MemoryRegion region = MemoryRegion.allocate(size)) {
            new FirstTouches(region).touch(0, size);
            assertEquals(0, region.window(size - 1).getByte(MemoryRegion.inWindow(size - 1)));
        }
    }

    /** As a source hands pages to its channels: neighbours to different ones, at about the same time. */
    private static void writeInTurns(MemoryRegion region) throws Exception {
        FirstTouches touches = new FirstTouches(region);
        CyclicBarrier start = new CyclicBarrier(THREADS);
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Callable<Void>> writers = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int first = i;
                writers.add(() -> {
                    start.await(10, TimeUnit.SECONDS);
                    for (long page = first; page < region.sizeBytes() / PAGE; page += THREADS) {
                        touches.touch(page * PAGE, PAGE);
                        region.window(page * PAGE).putByte(MemoryRegion.inWindow(page * PAGE), mark(page));
                    }
                    return null;
                });
            }
            for (Future<Void> done : threads.invokeAll(writers)) {
                done.get();
            }
        }
    }

    private static byte mark(long page) {
        return (byte) (1 + page % 100);
    }
}
