package io.pageferry.memory;

import java.util.ArrayList;
import java.util.List;

/**
 * The RAM of a guest in this process: a {@link MemoryRegion} a block, fresh memory at first, or {@link WarmMemory}.
 * Closed by its maker when all threads that use it have ended.
 */
public final class GuestMemory implements AutoCloseable {
    private final RamLayout layout;
    private final WarmMemory warm;
    private final List<Room> rooms = new ArrayList<>();

    /** A block's memory, and whether it was another guest's before. */
    private record Room(MemoryRegion region, boolean used) {}

    /** Takes fresh memory, all zero. */
    public GuestMemory(RamLayout layout) {
        this(layout, null);
    }

    /**
     * Takes memory that others have let go of, where there is some, and leaves its own to others when it is closed.
     *
     * @param warm where from and where to; null for fresh memory only
     */
    public GuestMemory(RamLayout layout, WarmMemory warm) {
        this.layout = layout;
        this.warm = warm;
        try {
            for (RamBlock block : layout.blocks()) {
                // An empty block has no bytes, but the list keeps its place; mapping nothing is an error.
                rooms.add(room(Math.max(block.lengthBytes(), layout.pageSizeBytes())));
            }
        } catch (OutOfMemoryError e) {
            close();
            throw e;
        }
    }

    /** Has the JVM load what memory is taken with. A guest's is taken when its source waits already. */
    public static void prepare() {
        MemoryRegion.allocate(NativeMemory.HUGE_PAGE_BYTES).close();
    }

    private Room room(long sizeBytes) {
        MemoryRegion used = warm == null ? null : warm.take(sizeBytes);
        return used == null ? new Room(MemoryRegion.allocate(sizeBytes), false) : new Room(used, true);
    }

    public RamLayout layout() {
        return layout;
    }

    /** A block's memory; positions in it are offsets in the block. */
    public MemoryRegion region(RamBlock block) {
        return rooms.get(block.index()).region;
    }

    /** Whether a block's memory has another guest's bytes in it, wherever this one's have not been written. */
    boolean isUsed(RamBlock block) {
        return rooms.get(block.index()).used;
    }

    @Override
    public void close() {
        for (Room room : rooms) {
            if (warm == null) {
                room.region.close();
            } else {
                warm.giveBack(room.region);
            }
        }
        rooms.clear();
    }
}
