package io.pageferry.codec;

import io.pageferry.memory.BufferPool;
import io.pageferry.memory.IoVector;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A receiving end that takes a packet's data into a buffer, which it borrows until the pages are unpacked. */
abstract class BufferedDecoder implements PageDecoder {
    private final BorrowedBuffer data;

    BufferedDecoder(BufferPool buffers) {
        this.data = new BorrowedBuffer(buffers);
    }

    @Override
    public final void receive(PageData source, int lengthBytes) throws IOException, InterruptedException {
        data.borrow(lengthBytes);
        source.read(data.vector());
    }

    @Override
    public final void decode(PageData source, IoVector pages, int pageSizeBytes) throws IOException {
        unpack(data.bytes().flip(), pages, pageSizeBytes);
    }

    /**
     * Fills the pages, all of them and from this data alone.
     *
     * @param pages in order; those that lie side by side are one buffer
     */
    abstract void unpack(ByteBuffer packed, IoVector pages, int pageSizeBytes) throws IOException;

    /** Lets go of what unpacks. */
    abstract void closeUnpacker();

    @Override
    public final void release() {
        data.release();
    }

    @Override
    public final void close() {
        data.release();
        closeUnpacker();
    }
}
