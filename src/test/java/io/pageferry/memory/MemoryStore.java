package io.pageferry.memory;

import java.time.Duration;

/** Pages in this process. */
final class MemoryStore implements PageStore {
    private static final long SPAN_BYTES = 64 * 1024;

    private final WarmMemory warm;
    private final GuestMemory memory;
    private final MemoryPageSink sink;

    private MemoryStore(RamLayout layout, WarmMemory warm) {
        this.warm = warm;
        memory = new GuestMemory(layout, warm);
        sink = new MemoryPageSink(memory);
    }

    /** One in fresh memory. */
    MemoryStore(RamLayout layout) {
        this(layout, null);
    }

    /**
     * One in memory that is full of another guest's bytes; large blocks have them at both sides of each gibibyte only.
     */
    static MemoryStore used(RamLayout layout) {
        WarmMemory warm = new WarmMemory(Long.MAX_VALUE, Duration.ofHours(1));
        try (GuestMemory former = new GuestMemory(layout, warm)) {
            for (RamBlock block : layout.blocks()) {
                dirty(former.region(block));
            }
        }
        return new MemoryStore(layout, warm);
    }

    private static void dirty(MemoryRegion region) {
        for (long gib = 0; gib <= region.sizeBytes(); gib += MemoryRegion.WINDOW_BYTES) {
            long start = Math.max(0, gib - SPAN_BYTES);
            long end = Math.min(region.sizeBytes(), gib + SPAN_BYTES);
            region.segment().asSlice(start, end - start).fill((byte) 0x5a);
        }
        if (region.sizeBytes() <= MemoryRegion.WINDOW_BYTES) {
            region.segment().fill((byte) 0x5a);
        }
    }

    @Override
    public PageSink sink() {
        return sink;
    }

    @Override
    public LoadingPageSource finish() {
        sink.finish();
        return new MemoryPageSource(memory);
    }

    @Override
    public void close() {
        memory.close();
        if (warm != null) {
            warm.close();
        }
    }
}
