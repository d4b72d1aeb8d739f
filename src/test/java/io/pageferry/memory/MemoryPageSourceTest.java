package io.pageferry.memory;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.LeakFree;
import java.util.List;
import org.junit.jupiter.api.Test;

@LeakFree
class MemoryPageSourceTest extends PageSourceSuite {
    @Override
    protected PageStore open(RamLayout layout) {
        return new MemoryStore(layout);
    }

    @Test
    void shouldSayThatItsPagesAreInMemory() {
        try (GuestMemory memory = new GuestMemory(new RamLayout(4096, List.of("ram"), new long[] {4096}))) {
            assertTrue(new MemoryPageSource(memory).isInMemory());
        }
    }
}
