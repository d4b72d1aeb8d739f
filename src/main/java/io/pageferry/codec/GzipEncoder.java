package io.pageferry.codec;

import io.pageferry.memory.BufferPool;
import io.pageferry.memory.IoVector;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;

/** Packs the pages of a packet into gzip members that QATzip's hardware could unpack. */
final class GzipEncoder extends BufferedEncoder {
    private final BlockDeflate deflate;
    private final GzipMember member = new GzipMember();
    private final Arena arena = Arena.ofShared();

    /** What goes into the next member, out of the guest's reach: it must not change before it is packed. */
    private final ByteBuffer input =
            arena.allocate(GzipMember.MOST_BYTES, Long.BYTES).asByteBuffer();

    GzipEncoder(BlockDeflate deflate, BufferPool buffers) {
        super(buffers);
        this.deflate = deflate;
    }

    @Override
    void pack(IoVector pages, int pageSizeBytes, ByteBuffer packed) throws CodecException {
        input.clear();
        for (int i = 0; i < pages.count(); i++) {
            ByteBuffer run = pages.buffers()[i];
            while (run.hasRemaining()) {
                int length = Math.min(run.remaining(), input.remaining());
                input.put(input.position(), run, run.position(), length).position(input.position() + length);
                run.position(run.position() + length);
                if (!input.hasRemaining()) {
                    addMember(packed);
                }
            }
        }
        if (input.position() > 0) {
            addMember(packed);
        }
    }

    private void addMember(ByteBuffer packed) throws CodecException {
        if (!member.pack(input.flip(), deflate, packed)) {
            throw new CodecException("packed pages must fit a packet: room=" + packed.capacity());
        }
        input.clear();
    }

    @Override
    void closePacker() {
        deflate.close();
        arena.close();
    }
}
