package io.pageferry.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.LeakFree;
import io.pageferry.testing.Threads;
import java.util.Collections;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@LeakFree
@Timeout(30)
class BufferPoolTest {
    private static final int BYTES = 64 * 1024;
    private static final int BOUND = 2;

    private final BufferPool pool = new BufferPool(BYTES, 4, BOUND);

    @AfterEach
    void close() {
        pool.close();
    }

    @Test
    void shouldLendAnotherBufferWhenOneComesBackThatTheNetworkMayStillRead() throws Exception {
        MemoryRegion lost = pool.borrow();
        MemoryRegion other = pool.borrow();
        lost.lend();
        pool.giveBack(lost);
        MemoryRegion fresh = pool.borrow();
        assertNotSame(lost, fresh);
        assertNotEquals(lost.segment().address(), fresh.segment().address());
        assertEquals(BOUND, pool.borrowed());
        pool.giveBack(other);
        pool.giveBack(fresh);
        assertSame(fresh, pool.borrow());
        pool.giveBack(fresh);
    }

    @Test
    void shouldLendTheSameBufferWhenTheNetworkIsDoneWithIt() throws Exception {
        MemoryRegion buffer = pool.borrow();
        buffer.lend();
        buffer.giveBack();
        pool.giveBack(buffer);
        assertSame(buffer, pool.borrow());
        pool.giveBack(buffer);
    }

    @Test
    void shouldMakeNothingBeforeItIsNeeded() throws Exception {
        long before = MemoryRegion.openRegions();
        pool.giveBack(pool.borrow());
        pool.giveBack(pool.borrow());
        assertEquals(1, MemoryRegion.openRegions() - before);
        assertEquals(0, pool.borrowed());
    }

    @Test
    void shouldGiveTheBufferThatWasUsedLast() throws Exception {
        MemoryRegion first = pool.borrow();
        MemoryRegion second = pool.borrow();
        assertNotSame(first, second);
        assertEquals(BYTES, first.sizeBytes());
        pool.giveBack(second);
        pool.giveBack(first);
        assertSame(first, pool.borrow());
        pool.giveBack(first);
    }

    @Test
    void shouldLetBorrowerWaitWhenAllBuffersAreTaken() throws Exception {
        MemoryRegion first = pool.borrow();
        MemoryRegion second = pool.borrow();
        assertEquals(BOUND, pool.borrowed());
        CompletableFuture<MemoryRegion> third = new CompletableFuture<>();
        Thread waiting = borrowing(third);
        Threads.awaitParked(waiting);
        pool.giveBack(first);
        assertSame(first, third.get());
        assertEquals(BOUND, pool.borrowed());
        pool.giveBack(first);
        pool.giveBack(second);
    }

    @Test
    void shouldEndWaitWhenBorrowerIsInterrupted() throws Exception {
        MemoryRegion first = pool.borrow();
        MemoryRegion second = pool.borrow();
        CompletableFuture<MemoryRegion> third = new CompletableFuture<>();
        Thread waiting = borrowing(third);
        Threads.awaitParked(waiting);
        waiting.interrupt();
        assertEquals(
                InterruptedException.class,
                assertThrows(ExecutionException.class, third::get).getCause().getClass());
        pool.giveBack(first);
        pool.giveBack(second);
        assertEquals(0, pool.borrowed());
    }

    @Test
    void shouldEndWaitWhenPoolIsClosed() throws Exception {
        MemoryRegion first = pool.borrow();
        MemoryRegion second = pool.borrow();
        CompletableFuture<MemoryRegion> third = new CompletableFuture<>();
        Threads.awaitParked(borrowing(third));
        pool.close();
        assertEquals(
                "buffer pool is closed",
                assertThrows(ExecutionException.class, third::get).getCause().getMessage());
        pool.giveBack(first);
        pool.giveBack(second);
    }

    @Test
    void shouldLendNothingWhenItIsClosed() {
        pool.close();
        assertThrows(IllegalStateException.class, pool::borrow);
    }

    @Test
    void shouldFreeBorrowedBufferWhenItComesBackAfterTheEnd() throws Exception {
        long before = MemoryRegion.openRegions();
        MemoryRegion late = pool.borrow();
        pool.giveBack(pool.borrow());
        pool.close();
        assertEquals(1, MemoryRegion.openRegions() - before);
        pool.giveBack(late);
        assertEquals(before, MemoryRegion.openRegions());
        assertEquals(0, pool.borrowed());
    }

    @Test
    void shouldShareBuffersWithOtherPoolsOfTheStock() throws Exception {
        long before = MemoryRegion.openRegions();
        BufferStock stock = new BufferStock(BYTES, 4, 1);
        try (BufferPool one = new BufferPool(stock, BOUND);
                BufferPool other = new BufferPool(stock, BOUND)) {
            MemoryRegion first = one.borrow();
            one.giveBack(first);
            MemoryRegion second = other.borrow();
            assertSame(first, second);
            MemoryRegion third = other.borrow();
            other.giveBack(second);
            other.giveBack(third);
            assertEquals(1, MemoryRegion.openRegions() - before, "one is kept");
        }
        assertEquals(before, MemoryRegion.openRegions());
    }

    @Test
    void shouldKeepWhatOthersShareWhenOnePoolIsClosed() throws Exception {
        long before = MemoryRegion.openRegions();
        BufferStock stock = new BufferStock(BYTES, 4, BOUND);
        try (BufferPool other = new BufferPool(stock, BOUND)) {
            MemoryRegion used = other.borrow();
            other.giveBack(used);
            BufferPool one = new BufferPool(stock, BOUND);
            assertSame(used, one.borrow());
            one.giveBack(used);
            one.close();
            one.close();
            assertEquals(1, MemoryRegion.openRegions() - before);
            assertSame(used, other.borrow());
            other.giveBack(used);
        }
        assertEquals(before, MemoryRegion.openRegions());
    }

    private Thread borrowing(CompletableFuture<MemoryRegion> borrowed) {
        return Thread.ofVirtual().start(() -> {
            try {
                borrowed.complete(pool.borrow());
            } catch (InterruptedException | RuntimeException e) {
                borrowed.completeExceptionally(e);
            }
        });
    }

    /**
     * Nobody waits for ever, and no buffer is lent twice, while borrowers come, go, and are interrupted as they wait.
     */
    @Test
    void shouldLendEachBufferToOneAtATimeWhenManyBorrow() throws Exception {
        AtomicInteger seeds = new AtomicInteger();
        AtomicInteger lent = new AtomicInteger();
        Callable<?> borrowing = () -> {
            Random random = new Random(seeds.incrementAndGet());
            for (int i = 0; i < 3000; i++) {
                if (random.nextInt(10) == 0) {
                    Thread.currentThread().interrupt();
                }
                try {
                    use(pool.borrow(), lent);
                } catch (InterruptedException e) {
                    // Once more.
                }
            }
            return null;
        };
        Threads.runTogether(Collections.nCopies(4 * BOUND, borrowing));
        assertEquals(0, pool.borrowed());
        assertTrue(lent.get() > 0);
    }

    private void use(MemoryRegion buffer, AtomicInteger lent) {
        long mine = lent.incrementAndGet();
        assertTrue(pool.borrowed() <= BOUND);
        buffer.window(0).putLong(0, mine);
        Thread.yield();
        assertEquals(mine, buffer.window(0).getLong(0));
        pool.giveBack(buffer);
    }
}
