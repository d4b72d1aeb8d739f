package io.pageferry.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.pageferry.testing.LeakFree;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@LeakFree
@Timeout(30)
class IoVectorTest {
    private static final int PAGE = 4096;
    private static final long GIB = 1L << 30;

    private final IoVector vector = new IoVector(8);
    private MemoryRegion region;
    private MemoryRegion other;

    @BeforeEach
    void allocate() {
        region = MemoryRegion.allocate(2 * GIB + 64 * PAGE);
        other = MemoryRegion.allocate(64 * PAGE);
    }

    @AfterEach
    void close() {
        region.close();
        other.close();
    }

    @Test
    void shouldJoinPagesWhenTheyAreNeighbours() {
        add(region, 3, 4, 5, 9);
        assertEquals(List.of("3+3", "9+1"), parts());
        assertEquals(4 * PAGE, vector.totalBytes());
    }

    @Test
    void shouldNotJoinPagesWhenTheyDescend() {
        add(region, 5, 4, 3);
        assertEquals(List.of("5+1", "4+1", "3+1"), parts());
    }

    @Test
    void shouldNotJoinPagesWhenTheSameComesAgain() {
        add(region, 5, 5);
        assertEquals(List.of("5+1", "5+1"), parts());
    }

    @Test
    void shouldNotJoinPagesWhenAWindowEndsBetweenThem() {
        long border = GIB / PAGE;
        add(region, border - 1, border);
        assertEquals(2, vector.count());
        assertEquals(List.of((border - 1) + "+1", "0+1"), parts());
    }

    @Test
    void shouldDivideARangeWhenAWindowEndsInIt() {
        long border = GIB / PAGE;
        vector.add(region, (border - 2) * PAGE, 5 * PAGE);
        assertEquals(List.of((border - 2) + "+2", "0+3"), parts());
        assertEquals(5 * PAGE, vector.totalBytes());
    }

    @Test
    void shouldSayWhichRegionsItsRangesAreOf() {
        add(region, 3, 4, 9);
        add(other, 4);
        assertEquals(2, vector.regions());
        assertSame(region, vector.region(0));
        assertSame(other, vector.region(1));
        vector.clear();
        assertEquals(0, vector.regions());
    }

    @Test
    void shouldNotJoinPagesWhenTheyAreOfTwoRegions() {
        add(region, 3);
        add(other, 4);
        assertEquals(2, vector.count());
    }

    @Test
    void shouldNotJoinPagesWhenABufferStandsBetweenThem() {
        add(region, 3);
        vector.add(ByteBuffer.allocateDirect(10));
        add(region, 4);
        assertEquals(3, vector.count());
        assertEquals(2 * PAGE + 10, vector.totalBytes());
    }

    @Test
    void shouldCountWhatRemainsOfABuffer() {
        vector.add(ByteBuffer.allocateDirect(100).position(30).limit(90));
        assertEquals(60, vector.totalBytes());
    }

    @Test
    void shouldBeEmptyWhenItIsCleared() {
        add(region, 3, 9);
        vector.clear();
        assertEquals(0, vector.count());
        assertEquals(0, vector.totalBytes());
        add(region, 10);
        assertEquals(List.of("10+1"), parts());
    }

    /** A vector that was moved through, as every write does, is as good as new for what comes next, lower or higher. */
    @Test
    void shouldTakeAnyRangeWhenItWasUsedBefore() {
        for (long page : new long[] {60, 2, 2 * GIB / PAGE + 63, 0, GIB / PAGE - 1, 30}) {
            vector.clear();
            add(region, page);
            ByteBuffer buffer = vector.buffers()[0];
            assertEquals(PAGE, buffer.remaining());
            while (buffer.hasRemaining()) {
                buffer.putLong(page);
            }
            assertEquals(page, region.window(page * PAGE).getLong(MemoryRegion.inWindow(page * PAGE), buffer.order()));
        }
    }

    @Test
    void shouldMoveItsViewsAndMakeNoNewOnesWhenItIsUsedAgain() {
        add(region, 3);
        ByteBuffer first = vector.buffers()[0];
        vector.clear();
        add(region, 40);
        assertSame(first, vector.buffers()[0]);
    }

    @Test
    void shouldMakeNoViewsOfItsOwnWhenBufferOfAPoolHasThem() {
        BufferSlab slab = new BufferSlab(64 * PAGE, 8);
        try (MemoryRegion exclusive = slab.carve()) {
            slab.release();
            add(exclusive, 1, 5);
            ByteBuffer first = vector.buffers()[0];
            ByteBuffer second = vector.buffers()[1];
            assertNotSame(first, second);
            IoVector ofAnotherThread = new IoVector(8);
            ofAnotherThread.add(exclusive, 0, PAGE);
            assertSame(first, ofAnotherThread.buffers()[0]);
        }
    }

    private void add(MemoryRegion from, long... pages) {
        for (long page : pages) {
            vector.add(from, page * PAGE, PAGE);
        }
    }

    /** Each buffer's first page in its window, and how many pages it has. */
    private List<String> parts() {
        return IntStream.range(0, vector.count())
                .mapToObj(i -> vector.buffers()[i])
                .map(buffer -> buffer.position() / PAGE + "+" + buffer.remaining() / PAGE)
                .toList();
    }
}
