package io.pageferry.codec;

import io.pageferry.memory.BufferPool;
import io.pageferry.memory.IoVector;
import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.PageBatch;
import io.pageferry.wire.Multifd;
import io.pageferry.wire.PacketGeometry;
import java.nio.ByteBuffer;

/** A sending end that packs the pages of a packet into a buffer, which it borrows until the packet is sent. */
abstract class BufferedEncoder implements PageEncoder {
    static final int MAX_PAGES = Multifd.PACKET_DATA_BYTES / PacketGeometry.MIN_PAGE_SIZE_BYTES;

    private final BorrowedBuffer room;
    private final IoVector gathered = new IoVector(MAX_PAGES);

    BufferedEncoder(BufferPool buffers) {
        this.room = new BorrowedBuffer(buffers);
    }

    @Override
    public final void encode(PageBatch batch, LoadedPages pages, IoVector packet)
            throws CodecException, InterruptedException {
        int pageSizeBytes = batch.block().pageSizeBytes();
        gathered.clear();
        pages.addTo(gathered, batch.normalPages(), pageSizeBytes);
        room.borrow(Multifd.MAX_COMPRESSED_BYTES);
        ByteBuffer packed = room.bytes();
        pack(gathered, pageSizeBytes, packed);
        packet.add(packed.flip());
    }

    /**
     * Packs pages.
     *
     * @param pages in order; those that lie side by side are one buffer
     * @param packed is filled from its position on
     */
    abstract void pack(IoVector pages, int pageSizeBytes, ByteBuffer packed) throws CodecException;

    /** Lets go of what packs. */
    abstract void closePacker();

    @Override
    public final void release() {
        room.release();
    }

    @Override
    public final void close() {
        room.release();
        closePacker();
    }
}
