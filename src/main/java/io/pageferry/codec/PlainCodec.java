package io.pageferry.codec;

import io.pageferry.memory.BufferPool;
import io.pageferry.memory.IoVector;
import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.PageBatch;
import io.pageferry.wire.CompressionMethod;
import java.io.IOException;

/** Pages as they are: sent from where they lie, received to where they belong, without a copy between. */
final class PlainCodec implements PageCodec {
    @Override
    public CompressionMethod method() {
        return CompressionMethod.NONE;
    }

    @Override
    public PageEncoder newEncoder(int level, BufferPool buffers) {
        return new Encoder();
    }

    @Override
    public PageDecoder newDecoder(BufferPool buffers, WindowClaim window) {
        return new Decoder();
    }

    private static final class Encoder implements PageEncoder {
        @Override
        public void encode(PageBatch batch, LoadedPages pages, IoVector packet) {
            pages.addTo(packet, batch.normalPages(), batch.block().pageSizeBytes());
        }

        @Override
        public void release() {}

        @Override
        public void close() {}
    }

    private static final class Decoder implements PageDecoder {
        @Override
        public void receive(PageData data, int lengthBytes) {
            // Stays with the peer until its place is known.
        }

        @Override
        public void decode(PageData data, IoVector pages, int pageSizeBytes) throws IOException {
            data.read(pages);
        }

        @Override
        public void release() {}

        @Override
        public void close() {}
    }
}
