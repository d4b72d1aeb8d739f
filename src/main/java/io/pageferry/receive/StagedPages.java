package io.pageferry.receive;

import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.MemoryRegion;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageSink;
import io.pageferry.memory.PageWriter;
import io.pageferry.memory.RamBlock;
import io.pageferry.wire.PacketGeometry;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Pages that are gathered until there are as many as a packet of multifd has: each by itself would cost a system call
 * where they go to a file. Of the main thread.
 *
 * <p>They are of one block and in ascending order, so that none is there twice; whatever breaks that order is written
 * after all that came before it.
 */
final class StagedPages implements StreamPages {
    private static final long NONE = -1;

    private final PageSink sink;
    private final PageWriter writer;
    private final int pageSizeBytes;
    private final PageBatch batch;
    private final LoadedPages places;
    private final long[] zeroOffsets;

    // Made when the first page comes that is not zero: where pages go over channels none does.
    private MemoryRegion region;
    private ByteBuffer slot;

    private int zeroPages;
    private RamBlock block;
    private long lastOffset = NONE;

    StagedPages(PageSink sink) throws IOException {
        this.sink = sink;
        this.pageSizeBytes = sink.layout().pageSizeBytes();
        int pages = new PacketGeometry(pageSizeBytes).pagesPerPacket();
        this.batch = new PageBatch(0, pages);
        this.places = new LoadedPages(pages);
        this.zeroOffsets = new long[pages];
        this.writer = sink.openWriter();
    }

    private void makeRegion() {
        region = MemoryRegion.allocate((long) batch.capacity() * pageSizeBytes);
        slot = region.window(0).byteBuffer().duplicate();
        places.begin(region);
        for (int i = 0; i < batch.capacity(); i++) {
            places.position(i, (long) i * pageSizeBytes);
        }
    }

    @Override
    public ByteBuffer add(RamBlock of, long offset) throws IOException, InterruptedException {
        makeRoom(of, offset);
        if (region == null) {
            makeRegion();
        }
        int position = batch.normalPages() * pageSizeBytes;
        batch.add(offset);
        return slot.clear().position(position).limit(position + pageSizeBytes);
    }

    @Override
    public void addZero(RamBlock of, long offset) throws IOException, InterruptedException {
        makeRoom(of, offset);
        zeroOffsets[zeroPages++] = offset;
    }

    @Override
    public ByteBuffer addAgain(RamBlock of, long offset) throws IOException, InterruptedException {
        ByteBuffer page = add(of, offset); // behind all that are here, so it is none of them
        sink.read(of, offset, page);
        return page.position(page.limit() - pageSizeBytes);
    }

    private void makeRoom(RamBlock of, long offset) throws IOException, InterruptedException {
        if (of != block || offset <= lastOffset || batch.normalPages() + zeroPages == batch.capacity()) {
            write();
            block = of;
            batch.begin(of);
        }
        lastOffset = offset;
    }

    @Override
    public void write() throws IOException, InterruptedException {
        if (batch.normalPages() + zeroPages == 0) {
            return;
        }
        for (int i = 0; i < zeroPages; i++) {
            batch.addZero(zeroOffsets[i]);
        }
        writer.write(batch, places);
        zeroPages = 0;
        lastOffset = NONE;
        batch.begin(block);
    }

    @Override
    public void close() {
        try {
            writer.close();
        } finally {
            if (region != null) {
                region.close();
            }
        }
    }
}
