package io.pageferry.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.LeakFree;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@LeakFree
class MemoryPageSourceTest extends PageSourceSuite {
    private static final int PAGE = 4096;
    private static final long HUGE_PAGE = 512;

    /** More than is looked at at once. */
    private static final RamLayout SPARSE = new RamLayout(PAGE, List.of("ram"), new long[] {20_000L * PAGE});

    private static final RamBlock RAM = SPARSE.block(0);
    private static final long TOUCHED = 15_000;

    @Override
    protected PageStore open(RamLayout layout) {
        return new MemoryStore(layout);
    }

    @Test
    void shouldHaveNoPagePresentThatNobodyHasTouched() {
        try (GuestMemory memory = new GuestMemory(SPARSE)) {
            MemoryPageSource source = new MemoryPageSource(memory);
            assertEquals(0, source.present(RAM).count());
            touch(memory, TOUCHED);
            assertTrue(source.present(RAM).isSet(TOUCHED));
            // Where the kernel has huge pages, one of them may be all there.
            assertTrue(
                    source.present(RAM).count() <= HUGE_PAGE,
                    "present=" + source.present(RAM).count());
        }
    }

    @Test
    void shouldFindPagesThatAreTouchedOneAfterTheOther() {
        try (GuestMemory memory = new GuestMemory(SPARSE)) {
            MemoryPageSource source = new MemoryPageSource(memory);
            for (long page = 0; page < RAM.pages(); page += HUGE_PAGE + 1) {
                touch(memory, page);
                assertTrue(source.present(RAM).isSet(page), "page=" + page);
            }
            memory.region(RAM).segment().fill((byte) 0);
            assertEquals(RAM.pages(), source.present(RAM).count());
        }
    }

    /** A guest's pages may be smaller than the host's, or larger: what lies in one that was touched is present. */
    @ParameterizedTest
    @ValueSource(ints = {1024, 4096, 65536})
    void shouldFindTouchedPagesWhateverTheirSize(int pageSize) {
        RamLayout layout = new RamLayout(pageSize, List.of("ram"), new long[] {100L * pageSize});
        RamBlock block = layout.block(0);
        try (GuestMemory memory = new GuestMemory(layout)) {
            memory.region(block).segment().set(ValueLayout.JAVA_BYTE, 70L * pageSize + pageSize - 1, (byte) 1);
            assertTrue(new MemoryPageSource(memory).present(block).isSet(70));
            memory.region(block).segment().fill((byte) 1);
            assertEquals(100, new MemoryPageSource(memory).present(block).count());
        }
    }

    private static void touch(GuestMemory memory, long page) {
        memory.region(RAM).segment().set(ValueLayout.JAVA_BYTE, page * PAGE, (byte) 1);
    }

    @Test
    void shouldSayThatItsPagesAreInMemory() {
        try (GuestMemory memory = new GuestMemory(new RamLayout(4096, List.of("ram"), new long[] {4096}))) {
            assertTrue(new MemoryPageSource(memory).isInMemory());
        }
    }
}
