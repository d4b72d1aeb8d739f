package io.pageferry.receive;

import io.pageferry.memory.IoVector;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageWriter;
import io.pageferry.memory.RamBlock;
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
    private PageWriter writer;
    private PageBatch batch;
    private final IoVector page = new IoVector(1);

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
        writer = guest.sink().openWriter();
        batch = new PageBatch(0, 1);
        in.broughtPage(); // once: to open it may have taken long
    }

    @Override
    public void zeroPage(int block, long offset) throws IOException {
        guest.sink().zero(guest.layout().block(block), offset);
        in.broughtPage();
        stats.mainDuplicate.increment();
    }

    @Override
    public void page(int block, long offset, StreamInput stream) throws IOException, InterruptedException {
        RamBlock ramBlock = guest.layout().block(block);
        batch.begin(ramBlock);
        batch.add(offset);
        page.clear();
        writer.prepare(batch, page);
        stream.read(page.buffers()[0], "page");
        writer.commit(batch);
        in.broughtPage();
        stats.mainNormal.increment();
    }

    @Override
    public void multifdFlush() throws IOException, InterruptedException {
        sync.flush(in.stream().position());
    }

    @Override
    public void endOfSection() throws IOException, InterruptedException {
        sync.endOfSection();
    }

    @Override
    public void close() {
        if (writer != null) {
            writer.close();
        }
    }
}
