package io.pageferry.codec;

import io.pageferry.memory.BufferPool;
import io.pageferry.memory.IoVector;
import java.nio.ByteBuffer;

/** Packs the pages of a packet, one after the other, and flushes after the last. */
final class CompressingEncoder extends BufferedEncoder {
    private final Compressor compressor;

    CompressingEncoder(Compressor compressor, BufferPool buffers) {
        super(buffers);
        this.compressor = compressor;
    }

    @Override
    void pack(IoVector pages, int pageSizeBytes, ByteBuffer packed) throws CodecException {
        for (int i = 0; i < pages.count(); i++) {
            compressor.compress(pages.buffers()[i], packed, i == pages.count() - 1);
        }
    }

    @Override
    void closePacker() {
        compressor.close();
    }
}
