package io.pageferry.memory;

import io.pageferry.testing.LeakFree;

/**
 * Nothing of the guest that had the memory before may be seen: the suite's pages that were never sent, or sent as
 * zeros, are zero.
 */
@LeakFree
class UsedMemoryPageSinkTest extends PageSinkSuite {
    @Override
    protected PageStore open(RamLayout layout) {
        return MemoryStore.used(layout);
    }
}
