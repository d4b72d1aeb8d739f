package io.pageferry.checkpoint;

import io.pageferry.testing.LeakFree;

@LeakFree
class MemoryCheckpointTest extends CheckpointSuite {
    @Override
    protected CheckpointPlace place() {
        return new MemoryCheckpointPlace();
    }
}
