package io.pageferry.codec;

import io.pageferry.memory.BufferPool;
import io.pageferry.memory.IoVector;
import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.PageBatch;
import io.pageferry.wire.Multifd;
import io.pageferry.wire.PacketGeometry;
import java.nio.ByteBuffer;

/** Packs the pages of a packet, one after the other, and flushes after the last. */
final class CompressingEncoder implements PageEncoder {
    static final int MAX_PAGES = Multifd.PACKET_DATA_BYTES / PacketGeometry.MIN_PAGE_SIZE_BYTES;

    private final Compressor compressor;
    private final BorrowedBuffer room;
    private final IoVector gathered = new IoVector(MAX_PAGES);

    CompressingEncoder(Compressor compressor, BufferPool buffers) {
        this.compressor = compressor;
        this.room = new BorrowedBuffer(buffers);
    }

    @Override
    public void encode(PageBatch batch, LoadedPages pages, IoVector packet)
            throws CodecException, InterruptedException {
        gathered.clear();
        pages.addTo(gathered, batch.normalPages(), batch.block().pageSizeBytes());
        room.borrow(Multifd.MAX_COMPRESSED_BYTES);
        ByteBuffer packed = room.bytes();
        for (int i = 0; i < gathered.count(); i++) {
            compressor.compress(gathered.buffers()[i], packed, i == gathered.count() - 1);
        }
        packet.add(packed.flip());
    }

    @Override
    public void release() {
        room.release();
    }

    @Override
    public void close() {
        room.release();
        compressor.close();
    }
}
