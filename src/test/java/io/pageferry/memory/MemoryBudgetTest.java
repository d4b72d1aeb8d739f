package io.pageferry.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.memory.MemoryBudget.Kind;
import io.pageferry.memory.MemoryBudget.Share;
import io.pageferry.testing.Threads;
import java.util.Collections;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What migrations may take of a process's memory. */
@Timeout(30)
class MemoryBudgetTest {
    private final MemoryBudget budget = new MemoryBudget(100, 10, 1_000);

    @Test
    void shouldRefuseWhatIsNotLeftAndTakeNothingOfIt() throws Exception {
        try (Share first = budget.open();
                Share second = budget.open()) {
            first.take(Kind.HEAP, 60, "bitmaps");
            first.take(Kind.NATIVE, 1_000, "buffers");
            MemoryException refusal =
                    assertThrows(MemoryException.class, () -> second.take(Kind.HEAP, 41, "device state"));
            assertEquals(
                    "memory for a migration must be left, give the process more of it or let fewer in at once:"
                            + " kind=heap"
                            + " what=\"device state\" bytes=41 own=0 taken=60 most=100",
                    refusal.getMessage());
            second.take(Kind.HEAP, 40, "device state");
            assertEquals(100, budget.taken(Kind.HEAP));
        }
        assertEquals(0, budget.taken(Kind.HEAP));
        assertEquals(0, budget.taken(Kind.NATIVE));
    }

    @Test
    void shouldLeaveOthersTheirPartOfWhatOneHostMayNotTake() throws Exception {
        Set<String> host = Set.of("host=192.0.2.1", "identity=CN=a");
        try (Share second = budget.open(Set.of("host=192.0.2.1"), 0.75);
                Share neighbour = budget.open(Set.of("host=192.0.2.2"), 0.75)) {
            try (Share first = budget.open(host, 0.75)) {
                first.take(Kind.HEAP, 40, "bitmaps");
                second.take(Kind.HEAP, 35, "bitmaps");
                MemoryException refusal =
                        assertThrows(MemoryException.class, () -> second.take(Kind.HEAP, 1, "bitmaps"));
                assertEquals(
                        "memory for migrations of one host, or one identity, must be host-share of what there is at the"
                                + " most: host=192.0.2.1 kind=heap what=\"bitmaps\" bytes=1 held=75 most=75"
                                + " host-share=0.75",
                        refusal.getMessage());
                neighbour.take(Kind.HEAP, 25, "bitmaps");
            }
            second.take(Kind.HEAP, 40, "bitmaps");
        }
        assertEquals(0, budget.taken(Kind.HEAP));
        try (Share all = budget.open(host, 0.75)) {
            all.take(Kind.HEAP, 75, "bitmaps");
        }
    }

    @Test
    void shouldGiveBackOnceAndTakeNothingAfterThat() throws Exception {
        Share share = budget.open();
        share.take(Kind.DIRECT, 10, "buffers");
        share.close();
        share.close();
        assertEquals(0, budget.taken(Kind.DIRECT));
        assertThrows(MemoryException.class, () -> share.take(Kind.DIRECT, 1, "buffers"));
    }

    @Test
    void shouldRefuseMoreThanANumberCanHold() {
        Share share = budget.open();
        assertThrows(MemoryException.class, () -> share.take(Kind.HEAP, Long.MAX_VALUE, "bitmaps"));
    }

    @Test
    void shouldNeverHaveMoreTakenThanThereIsWhenManyTakeAtOnce() throws Exception {
        AtomicLong highest = new AtomicLong();
        Callable<Void> taker = () -> {
            for (int i = 0; i < 10_000; i++) {
                try (Share share = budget.open()) {
                    share.take(Kind.HEAP, 30, "a");
                    share.take(Kind.HEAP, 30, "b");
                    highest.accumulateAndGet(budget.taken(Kind.HEAP), Math::max);
                } catch (MemoryException e) {
                    // Others have it.
                }
            }
            return null;
        };
        Threads.runTogether(Collections.nCopies(8, taker));
        assertTrue(highest.get() >= 60 && highest.get() <= 100, "highest=" + highest);
        assertEquals(0, budget.taken(Kind.HEAP));
    }

    @Test
    void shouldLeaveAQuarterOfWhatThisProcessHas() {
        MemoryBudget process = MemoryBudget.ofThisProcess();
        assertEquals(Runtime.getRuntime().maxMemory() / 4 * 3, process.most(Kind.HEAP), 4);
        assertTrue(process.most(Kind.DIRECT) > 0);
        assertTrue(process.most(Kind.NATIVE) > 0);
    }
}
