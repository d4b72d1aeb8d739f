package io.pageferry.perf.jmh;

import io.pageferry.memory.GuestMemory;
import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.MemoryRegion;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.RamBlock;
import io.pageferry.memory.RamLayout;
import io.pageferry.wire.RamPacketFlyweight;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;

/** A guest's memory, and packets full of its pages one after the other, from the start again after the last. */
final class PacketPages implements AutoCloseable {
    static final int PAGE = 4096;
    static final int PAGES = 128;

    private final int packets;
    private final int strideBytes;
    private final GuestMemory memory;
    private final RamBlock block;
    private final PageBatch batch = new PageBatch(RamPacketFlyweight.OFFSETS_FIELD_OFFSET, PAGES);
    private final LoadedPages loaded = new LoadedPages(PAGES);
    private int next;

    /**
     * Makes memory for so many packets.
     *
     * @param stride 1 for pages that are neighbours, 2 for every second one
     * @param compressibility the share of a page that repeats itself; the rest is random
     */
    PacketPages(int packets, int stride, double compressibility) {
        this.packets = packets;
        this.strideBytes = stride * PAGE;
        RamLayout layout = new RamLayout(PAGE, List.of("pc.ram"), new long[] {(long) packets * PAGES * strideBytes});
        memory = new GuestMemory(layout);
        block = layout.block(0);
        fill(compressibility);
    }

    private void fill(double compressibility) {
        Random random = new Random(1);
        int repeated = (int) (PAGE * compressibility) & -Long.BYTES;
        MemoryRegion region = region();
        for (long page = 0; page < region.sizeBytes(); page += PAGE) {
            long pattern = random.nextLong();
            for (int i = 0; i < PAGE; i += Long.BYTES) {
                region.segment().set(ValueLayout.JAVA_LONG, page + i, i < repeated ? pattern : random.nextLong());
            }
        }
    }

    MemoryRegion region() {
        return memory.region(block);
    }

    /** The batch of the next packet, and its pages loaded. */
    PageBatch nextBatch() {
        long start = (long) next * PAGES * strideBytes;
        next = (next + 1) % packets;
        batch.begin(block);
        loaded.begin(region());
        for (int slot = 0; slot < PAGES; slot++) {
            batch.add(start + (long) slot * strideBytes);
            loaded.position(slot, start + (long) slot * strideBytes);
        }
        return batch;
    }

    LoadedPages loaded() {
        return loaded;
    }

    @Override
    public void close() {
        memory.close();
    }
}
