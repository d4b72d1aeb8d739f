package io.pageferry.receive;

import io.pageferry.metrics.MigrationStats;
import io.pageferry.stream.RamBlockEntry;
import io.pageferry.stream.StreamInput;
import java.io.IOException;
import java.util.List;

/**
 * Takes in the records of the RAM section: the blocks, for which a sink is opened, pages that come among them, and
 * where the channels are to wait for each other. Of the main thread.
 */
final class RamReceiver implements GuestRam {
    private final GuestOpener.OfBlocks opener;
    private final MainInput in;
    private final RoundSync sync;
    private final MigrationStats stats;

    private IncomingGuest guest;
    private StreamPages pages;

    RamReceiver(GuestOpener.OfBlocks opener, MainInput in, RoundSync sync, MigrationStats stats) {
        this.opener = opener;
        this.in = in;
        this.sync = sync;
        this.stats = stats;
    }

    @Override
    public IncomingGuest guest() {
        return guest;
    }

    @Override
    public void blocks(List<RamBlockEntry> entries) throws IOException {
        guest = opener.open(entries);
        pages = StreamPages.into(guest.sink());
        in.broughtPage(); // once: to open it may have taken long
    }

    @Override
    public void zeroPage(int block, long offset) throws IOException, InterruptedException {
        pages.addZero(guest.layout().block(block), offset);
        in.broughtPage();
        stats.mainDuplicate.increment();
    }

    @Override
    public void page(int block, long offset, StreamInput stream) throws IOException, InterruptedException {
        stream.read(pages.add(guest.layout().block(block), offset), "page");
        in.broughtPage();
        stats.mainNormal.increment();
    }

    @Override
    public void multifdFlush() throws IOException, InterruptedException {
        pages.write(); // the channels may have the same pages again when they have waited for each other
        sync.flush(in.stream().position());
    }

    @Override
    public void endOfSection() throws IOException, InterruptedException {
        pages.write();
        sync.endOfSection();
    }

    @Override
    public void close() {
        if (pages != null) {
            pages.close();
        }
    }
}
