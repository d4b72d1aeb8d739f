package io.pageferry.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pageferry.testing.LeakFree;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@LeakFree
@Timeout(30)
class MemoryRegionTest {
    private static final long GIB = 1L << 30;

    @ParameterizedTest
    @ValueSource(longs = {4096, 2 << 20, (2 << 20) + 4096})
    void shouldReadAsZerosWhenItIsFresh(long size) {
        try (MemoryRegion region = MemoryRegion.allocate(size)) {
            assertEquals(size, region.sizeBytes());
            for (long position = 0; position < size; position += Long.BYTES) {
                assertEquals(0, region.segment().get(ValueLayout.JAVA_LONG, position));
            }
        }
    }

    /** Were positions cut to 31 bits, or windows mixed up, one of these writes would be over another. */
    @Test
    void shouldKeepBytesApartWhenItIsLargerThanAnIntCanCount() {
        long size = 5 * GIB + 4096;
        long[] positions = {0, GIB - 8, GIB, 2 * GIB - 8, 2 * GIB, 3 * GIB + 4096, 4 * GIB, 5 * GIB, size - 8};
        try (MemoryRegion region = MemoryRegion.allocate(size)) {
            for (long position : positions) {
                region.window(position).putLong(MemoryRegion.inWindow(position), ~position);
            }
            for (long position : positions) {
                assertEquals(~position, region.segment().get(ValueLayout.JAVA_LONG, position), "position=" + position);
            }
        }
    }

    @Test
    void shouldZeroThatRangeOnly() {
        try (MemoryRegion region = MemoryRegion.allocate(2 * GIB)) {
            for (long position = GIB - 8; position <= GIB + 4096; position += 8) {
                region.window(position).putLong(MemoryRegion.inWindow(position), -1);
            }
            region.zero(GIB, 4096);
            assertEquals(-1, region.segment().get(ValueLayout.JAVA_LONG, GIB - 8));
            for (long position = GIB; position < GIB + 4096; position += 8) {
                assertEquals(0, region.segment().get(ValueLayout.JAVA_LONG, position));
            }
            assertEquals(-1, region.segment().get(ValueLayout.JAVA_LONG, GIB + 4096));
        }
    }

    /** O_DIRECT needs it of a pool's buffers. */
    @ParameterizedTest
    @ValueSource(longs = {4096, 512 * 1024, 8 << 20})
    void shouldBeginAtAPageOfTheMachine(long size) {
        try (MemoryRegion region = MemoryRegion.allocate(size)) {
            assertEquals(0, region.segment().address() % 4096);
        }
    }

    @Test
    void shouldCountAsOpenUntilItIsClosed() {
        long before = MemoryRegion.openRegions();
        MemoryRegion region = MemoryRegion.allocate(4096);
        assertEquals(before + 1, MemoryRegion.openRegions());
        region.close();
        assertEquals(before, MemoryRegion.openRegions());
    }

    @Test
    void shouldCloseOnceWhenItIsClosedTwice() {
        long before = MemoryRegion.openRegions();
        MemoryRegion region = MemoryRegion.allocate(4096);
        region.close();
        region.close();
        assertEquals(before, MemoryRegion.openRegions());
    }

    @Test
    void shouldLeaveNothingWhenGuestIsLargerThanTheMachineCanMap() {
        long before = MemoryRegion.openRegions();
        RamLayout layout = new RamLayout(4096, List.of("small", "huge"), new long[] {4096, 1L << 50});
        assertThrows(OutOfMemoryError.class, () -> new GuestMemory(layout));
        assertEquals(before, MemoryRegion.openRegions());
    }

    @Test
    void shouldHaveARegionForEachBlock() {
        RamLayout layout = new RamLayout(4096, List.of("a", "none", "b"), new long[] {8192, 0, 4096});
        try (GuestMemory memory = new GuestMemory(layout)) {
            assertEquals(8192, memory.region(layout.block(0)).sizeBytes());
            assertEquals(4096, memory.region(layout.block(2)).sizeBytes());
        }
    }
}
