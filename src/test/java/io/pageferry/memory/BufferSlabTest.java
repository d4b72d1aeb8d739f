package io.pageferry.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.LeakFree;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@LeakFree
@Timeout(30)
class BufferSlabTest {
    private static final int KIB = 1024;

    /** A line of {@code /proc/self/maps}: from, to, permissions. */
    private static final Pattern MAPPING = Pattern.compile("(\\p{XDigit}+)-(\\p{XDigit}+) (\\S+) ");

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

    /** What the network may still read must not be written to, nor be anybody's; its neighbours stay. */
    @Test
    void shouldUnmapABufferByItselfWhenItIsClosedWhileLent() throws Exception {
        BufferSlab slab = new BufferSlab(512 * KIB, 1);
        List<MemoryRegion> buffers = carveAll(slab);
        for (int i = 0; i < buffers.size(); i++) {
            buffers.get(i).segment().fill((byte) (i + 1));
        }
        MemoryRegion lost = buffers.remove(1);
        long address = lost.segment().address();
        lost.lend();
        lost.close();
        assertEquals("---p", permissions(address));
        assertEquals("---p", permissions(address + 512 * KIB - 1));
        for (MemoryRegion buffer : buffers) {
            assertEquals("rw-p", permissions(buffer.segment().address()));
            assertTrue(buffer.segment().getAtIndex(ValueLayout.JAVA_BYTE, 512 * KIB - 1) > 0);
        }
        buffers.forEach(MemoryRegion::close);
        slab.release();
        assertEquals(before, NativeMemory.openMappings());
    }

    /** What is mapped at an address, as {@code /proc/self/maps} has it. */
    private static String permissions(long address) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .map(MAPPING::matcher)
                .filter(line -> line.lookingAt()
                        && Long.compareUnsigned(Long.parseUnsignedLong(line.group(1), 16), address) <= 0
                        && Long.compareUnsigned(address, Long.parseUnsignedLong(line.group(2), 16)) < 0)
                .map(line -> line.group(3))
                .findFirst()
                .orElse("nothing");
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
