package io.pageferry.memory;

import io.pageferry.testing.LeakFree;

@LeakFree
class MemoryPageSinkTest extends PageSinkSuite {
    @Override
    protected PageStore open(RamLayout layout) {
        return new MemoryStore(layout);
    }
}
