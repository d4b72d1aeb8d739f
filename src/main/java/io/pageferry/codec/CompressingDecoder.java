package io.pageferry.codec;

import io.pageferry.memory.BufferPool;
import io.pageferry.memory.IoVector;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Unpacks the pages of a packet, and makes sure that its data is theirs: not less and not more. */
final class CompressingDecoder extends BufferedDecoder {
    private final Decompressor decompressor;

    /** Where what must not be there would go. */
    private final ByteBuffer excess = ByteBuffer.allocateDirect(1);

    CompressingDecoder(Decompressor decompressor, BufferPool buffers) {
        super(buffers);
        this.decompressor = decompressor;
    }

    @Override
    void unpack(ByteBuffer packed, IoVector pages, int pageSizeBytes) throws IOException {
        int length = packed.remaining();
        for (int i = 0; i < pages.count(); i++) {
            if (!fill(packed, pages.buffers()[i])) {
                throw new CodecException("packet's data must have all its pages: next_packet_size=" + length
                        + " expected=" + pages.totalBytes());
            }
        }
        fill(packed, excess.clear());
        if (packed.hasRemaining() || excess.position() > 0) {
            throw new CodecException("packet's data must have its pages and no more: next_packet_size=" + length
                    + " expected=" + pages.totalBytes());
        }
    }

    private boolean fill(ByteBuffer packed, ByteBuffer into) throws IOException {
        while (into.hasRemaining()) {
            int before = packed.remaining() + into.remaining();
            decompressor.decompress(packed, into);
            if (packed.remaining() + into.remaining() == before) {
                return false;
            }
        }
        return true;
    }

    @Override
    void closeUnpacker() {
        decompressor.close();
    }
}
