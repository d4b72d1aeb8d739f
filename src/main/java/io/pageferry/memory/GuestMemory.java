package io.pageferry.memory;

import java.util.ArrayList;
import java.util.List;

/**
 * The RAM of a guest in this process: a {@link MemoryRegion} a block, fresh memory at first. Closed by its maker when all
 * threads that use it have ended.
 */
public final class GuestMemory implements AutoCloseable {
    private final RamLayout layout;
    private final List<MemoryRegion> regions = new ArrayList<>();

    public GuestMemory(RamLayout layout) {
        this.layout = layout;
        try {
            for (RamBlock block : layout.blocks()) {
                // An empty block has no bytes, but the list keeps its place; mapping nothing is an error.
                regions.add(MemoryRegion.allocate(Math.max(block.lengthBytes(), layout.pageSizeBytes())));
            }
        } catch (OutOfMemoryError e) {
            close();
            throw e;
        }
    }

    public RamLayout layout() {
        return layout;
    }

    /** A block's memory; positions in it are offsets in the block. */
    public MemoryRegion region(RamBlock block) {
        return regions.get(block.index());
    }

    @Override
    public void close() {
        regions.forEach(MemoryRegion::close);
    }
}
