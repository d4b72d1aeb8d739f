package io.pageferry.codec;

import io.pageferry.memory.BufferPool;
import io.pageferry.memory.IoVector;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;

/**
 * Packs each page by itself: a packet's data is a length for each page, and then what each is. A page that does not get
 * smaller is sent as it is, which its length says.
 */
final class PagewiseEncoder extends BufferedEncoder {
    private final BlockDeflate deflate;
    private final int mostPageBytes;
    private final Arena arena = Arena.ofShared();

    /** The page at hand, out of the guest's reach: what is packed must not change before it is. */
    private final ByteBuffer page;

    /**
     * Makes an encoder.
     *
     * @param mostPageBytes larger pages are sent as they are
     */
    PagewiseEncoder(BlockDeflate deflate, int mostPageBytes, BufferPool buffers) {
        super(buffers);
        this.deflate = deflate;
        this.mostPageBytes = mostPageBytes;
        this.page = arena.allocate(mostPageBytes, Long.BYTES).asByteBuffer();
    }

    @Override
    void pack(IoVector pages, int pageSizeBytes, ByteBuffer packed) throws CodecException {
        int length = packed.position();
        packed.position(length + (int) (pages.totalBytes() / pageSizeBytes) * Integer.BYTES);
        for (int i = 0; i < pages.count(); i++) {
            ByteBuffer run = pages.buffers()[i];
            for (int end = run.limit(); run.position() < end; length += Integer.BYTES) {
                int before = packed.position();
                add(run.limit(run.position() + pageSizeBytes), packed);
                packed.putInt(length, packed.position() - before);
                run.limit(end);
            }
        }
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
    void closePacker() {
        deflate.close();
        arena.close();
    }
}
