package io.pageferry.net.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pageferry.testing.LeakFree;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@LeakFree
@Timeout(30)
class UseCountTest {
    private final AtomicInteger releases = new AtomicInteger();
    private final UseCount occupancy = new UseCount(releases::incrementAndGet);

    @Test
    void shouldReleaseAtOnceWhenNobodyIsInside() {
        occupancy.close();
        assertEquals(1, releases.get());
    }

    @Test
    void shouldReleaseWhenTheLastOneIsOut() throws Exception {
        occupancy.enter();
        occupancy.enter();
        occupancy.close();
        occupancy.exit();
        assertEquals(0, releases.get());
        occupancy.exit();
        assertEquals(1, releases.get());
    }

    @Test
    void shouldKeepWhatIsNotClosedWhenEverybodyIsOut() throws Exception {
        occupancy.enter();
        occupancy.exit();
        assertEquals(0, releases.get());
    }

    @Test
    void shouldLetNobodyInWhenClosed() throws Exception {
        occupancy.enter();
        occupancy.close();
        assertThrows(ClosedChannelException.class, occupancy::enter);
        occupancy.exit();
        assertThrows(ClosedChannelException.class, occupancy::enter);
        assertEquals(1, releases.get());
    }

    @Test
    void shouldReleaseOnceWhenClosedAgain() {
        occupancy.close();
        occupancy.close();
        assertEquals(1, releases.get());
    }

    /** Threads that go in and out as fast as they can, while two others close. */
    @Test
    void shouldReleaseOnceAndWithNobodyInsideUnderStress() throws Exception {
        try (ExecutorService executor = Executors.newCachedThreadPool()) {
            for (int turn = 0; turn < 2_000; turn++) {
                AtomicInteger inside = new AtomicInteger();
                AtomicInteger insideAtRelease = new AtomicInteger();
                AtomicInteger released = new AtomicInteger();
                UseCount contested = new UseCount(() -> {
                    insideAtRelease.addAndGet(inside.get());
                    released.incrementAndGet();
                });
                List<Future<?>> threads = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    threads.add(executor.submit(() -> goInAndOut(contested, inside)));
                }
                for (int i = 0; i < 2; i++) {
                    threads.add(executor.submit(contested::close));
                }
                for (Future<?> thread : threads) {
                    thread.get();
                }
                assertEquals(1, released.get());
                assertEquals(0, insideAtRelease.get());
            }
        }
    }

    private static void goInAndOut(UseCount occupancy, AtomicInteger inside) {
        while (true) {
            try {
                occupancy.enter();
            } catch (ClosedChannelException e) {
                return;
            }
            inside.incrementAndGet();
            inside.decrementAndGet();
            occupancy.exit();
        }
    }
}
