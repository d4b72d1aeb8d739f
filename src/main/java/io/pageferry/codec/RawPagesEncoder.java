package io.pageferry.codec;

import io.pageferry.memory.IoVector;
import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.PageBatch;
import java.nio.ByteBuffer;

/** Sends pages as they are, from where they lie, behind a length for each of them. */
final class RawPagesEncoder implements PageEncoder {
    private final ByteBuffer lengths = ByteBuffer.allocateDirect(BufferedEncoder.MAX_PAGES * Integer.BYTES);

    @Override
    public void encode(PageBatch batch, LoadedPages pages, IoVector packet) {
        int pageSizeBytes = batch.block().pageSizeBytes();
        lengths.clear();
        for (int i = 0; i < batch.normalPages(); i++) {
            lengths.putInt(pageSizeBytes);
        }
        packet.add(lengths.flip());
        pages.addTo(packet, batch.normalPages(), pageSizeBytes);
    }

    @Override
    public void release() {}

    @Override
    public void close() {}
}
