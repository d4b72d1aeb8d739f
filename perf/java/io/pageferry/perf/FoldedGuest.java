package io.pageferry.perf;

import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.memory.DirtyLog;
import io.pageferry.memory.IoVector;
import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.LoadingPageSource;
import io.pageferry.memory.MemoryRegion;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.PageLoader;
import io.pageferry.memory.RamBlock;
import io.pageferry.memory.RamLayout;
import io.pageferry.send.OutgoingGuest;
import io.pageferry.testing.ForwardingGuest;
import java.util.List;
import java.util.Optional;

/**
 * A guest that is larger than its memory, which it has over and over again: for sizes that a machine has no room for,
 * at both ends at once.
 */
final class FoldedGuest implements ForwardingGuest, LoadingPageSource {
    private final SyntheticOutgoingGuest guest;
    private final MemoryRegion region;
    private final RamLayout layout;
    private final PageBitmap present;

    FoldedGuest(SyntheticGuest guest, long sizeBytes) {
        this.guest = new SyntheticOutgoingGuest(guest);
        RamLayout real = guest.memory().layout();
        region = guest.memory().region(real.block(0));
        layout = new RamLayout(real.pageSizeBytes(), List.of(SyntheticGuest.BLOCK_NAME), new long[] {sizeBytes});
        present = new PageBitmap(layout.block(0).pages());
        present.setAll();
    }

    @Override
    public OutgoingGuest guest() {
        return guest;
    }

    @Override
    public LoadingPageSource pages() {
        return this;
    }

    @Override
    public Optional<DirtyLog> dirtyLog() {
        return Optional.empty();
    }

    @Override
    public void stop() {
        // It stands still.
    }

    @Override
    public RamLayout layout() {
        return layout;
    }

    @Override
    public PageBitmap present(RamBlock block) {
        return present;
    }

    @Override
    public boolean isInMemory() {
        return true;
    }

    @Override
    public PageLoader openReader() {
        return new PageLoader() {
            @Override
            public void load(PageBatch batch, LoadedPages into) {
                into.begin(region);
                for (int slot = 0; slot < batch.normalPages(); slot++) {
                    into.position(slot, batch.offset(slot) % region.sizeBytes());
                }
            }

            @Override
            public void read(PageBatch batch, IoVector into) {
                throw new UnsupportedOperationException("sent uncompressed only");
            }

            @Override
            public void release() {}

            @Override
            public void close() {}
        };
    }
}
