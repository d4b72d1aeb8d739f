package io.pageferry.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.LeakFree;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@LeakFree
@Timeout(30)
class BufferSlabTest {
    private static final int KIB = 1024;

    private final long before = NativeMemory.openMappings();

    @ParameterizedTest
    @CsvSource({"512, 4", "700, 2", "2048, 1", "3000, 1"})
    void shouldHoldSoManyBuffers(int bufferKib, int buffers) {
        BufferSlab slab = new BufferSlab(bufferKib * KIB, 1);
        List<MemoryRegion> carved = carveAll(slab);
        assertEquals(buffers, carved.size());
        carved.forEach(MemoryRegion::close);
        slab.release();
        assertEquals(before, NativeMemory.openMappings());
    }

    @Test
    void shouldKeepBuffersApart() {
        BufferSlab slab = new BufferSlab(500_000, 1);
        List<MemoryRegion> buffers = carveAll(slab);
        for (int i = 0; i < buffers.size(); i++) {
            buffers.get(i).segment().fill((byte) (i + 1));
        }
        for (int i = 0; i < buffers.size(); i++) {
            MemoryRegion buffer = buffers.get(i);
            assertEquals(0, buffer.segment().address() % 4096);
            assertEquals(i + 1, buffer.segment().getAtIndex(ValueLayout.JAVA_BYTE, 0));
            assertEquals(i + 1, buffer.segment().getAtIndex(ValueLayout.JAVA_BYTE, 499_999));
        }
        buffers.forEach(MemoryRegion::close);
        slab.release();
    }

    @Test
    void shouldLiveAsLongAsItsLastBuffer() {
        BufferSlab slab = new BufferSlab(512 * KIB, 1);
        MemoryRegion first = slab.carve();
        MemoryRegion last = slab.carve();
        assertFalse(slab.isUsedUp());
        first.close();
        slab.release();
        assertEquals(1, NativeMemory.openMappings() - before);
        assertTrue(last.isZero(0, 512 * KIB));
        last.close();
        assertEquals(before, NativeMemory.openMappings());
    }

    @Test
    void shouldBeMadeByAStockWhenItIsNeededAndGoWithItsLastPool() throws Exception {
        BufferStock stock = new BufferStock(512 * KIB, 1, 0);
        try (BufferPool pool = new BufferPool(stock, 8)) {
            assertEquals(before, NativeMemory.openMappings());
            List<MemoryRegion> borrowed = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                borrowed.add(pool.borrow());
            }
            assertEquals(2, NativeMemory.openMappings() - before);
            borrowed.forEach(pool::giveBack);
        }
        assertEquals(before, NativeMemory.openMappings());
    }

    private static List<MemoryRegion> carveAll(BufferSlab slab) {
        List<MemoryRegion> buffers = new ArrayList<>();
        while (!slab.isUsedUp()) {
            buffers.add(slab.carve());
        }
        return buffers;
    }
}
