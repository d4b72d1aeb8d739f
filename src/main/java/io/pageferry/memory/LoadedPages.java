package io.pageferry.memory;

/** Where the pages of a loaded batch lie in memory, slot by slot. Belongs to one thread, reused for each batch. */
public final class LoadedPages {
    private final long[] positions;
    private MemoryRegion region;

    public LoadedPages(int capacity) {
        positions = new long[capacity];
    }

    /** Says which region the positions that follow are in. */
    public void begin(MemoryRegion region) {
        this.region = region;
    }

    /** Says that a batch's normal pages lie in a region where they lie in their block. */
    void inPlace(PageBatch batch, MemoryRegion region) {
        begin(region);
        batch.copyOffsets(positions);
    }

    public MemoryRegion region() {
        return region;
    }

    public long position(int slot) {
        return positions[slot];
    }

    public void position(int slot, long position) {
        positions[slot] = position;
    }

    /**
     * The first slot, at or after one, of a page that may be zero; {@code end} where none before it is. Most batches
     * are through with it.
     */
    public int nextPossibleZero(int slot, int end) {
        return slot < end ? region.nextPossibleZero(positions, slot, end) : end;
    }

    /** Adds the first pages to a vector, in the order of their slots. */
    public void addTo(IoVector vector, int pages, int pageSizeBytes) {
        for (int slot = 0; slot < pages; ) {
            int run = PageBatch.runLength(positions, slot, pages, pageSizeBytes);
            vector.add(region, positions[slot], run * pageSizeBytes);
            slot += run;
        }
    }
}
