package io.pageferry.codec;

import io.pageferry.memory.BufferPool;
import io.pageferry.memory.IoVector;
import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.PageBatch;
import io.pageferry.wire.Multifd;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;

/**
 * Packs each page by itself: a packet's data is a length for each page, and then what each is. A page that does not get
 * smaller is sent as it is, which its length says.
 */
final class PagewiseEncoder implements PageEncoder {
    private final BlockDeflate deflate;
    private final int mostPageBytes;
    private final BorrowedBuffer room;
    private final IoVector gathered = new IoVector(CompressingEncoder.MAX_PAGES);
    private final Arena arena = Arena.ofShared();

    /** The page at hand, out of the guest's reach: what is packed must not change before it is. */
    private final ByteBuffer page;

    /**
     * Makes an encoder.
     *
     * @param mostPageBytes larger pages are sent as they are
     */
    PagewiseEncoder(BlockDeflate deflate, int mostPageBytes, BufferPool buffers) {
        this.deflate = deflate;
        this.mostPageBytes = mostPageBytes;
        this.room = new BorrowedBuffer(buffers);
        this.page = arena.allocate(mostPageBytes, Long.BYTES).asByteBuffer();
    }

    @Override
    public void encode(PageBatch batch, LoadedPages pages, IoVector packet)
            throws CodecException, InterruptedException {
        int pageSizeBytes = batch.block().pageSizeBytes();
        gathered.clear();
        pages.addTo(gathered, batch.normalPages(), pageSizeBytes);
        room.borrow(Multifd.MAX_COMPRESSED_BYTES);
        ByteBuffer packed = room.bytes();
        int start = packed.position();
        int length = start;
        packed.position(start + batch.normalPages() * Integer.BYTES);
        for (int i = 0; i < gathered.count(); i++) {
            ByteBuffer run = gathered.buffers()[i];
            for (int end = run.limit(); run.position() < end; length += Integer.BYTES) {
                int before = packed.position();
                add(run.limit(run.position() + pageSizeBytes), packed);
                packed.putInt(length, packed.position() - before);
                run.limit(end);
            }
        }
        packet.add(packed.flip());
    }

    private void add(ByteBuffer from, ByteBuffer packed) throws CodecException {
        if (from.remaining() > mostPageBytes) {
            packed.put(from);
            return;
        }
        page.clear().put(from).flip();
        int length = page.limit();
        int limit = packed.limit();
        // As long as the page would be taken for the page.
        boolean smaller = deflate.deflate(page, packed.limit(packed.position() + length - 1));
        packed.limit(limit);
        if (!smaller) {
            packed.put(page.position(0));
        }
    }

    @Override
    public void release() {
        room.release();
    }

    @Override
    public void close() {
        room.release();
        deflate.close();
        arena.close();
    }
}
