package io.pageferry.codec;

import io.pageferry.memory.BufferPool;
import io.pageferry.memory.IoVector;
import io.pageferry.wire.Multifd;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;

/** Unpacks the pages of a packet from gzip members, however many there are and wherever they end. */
final class GzipDecoder extends BufferedDecoder {
    private final BlockInflate inflate;
    private final GzipMember member = new GzipMember();
    private final Arena arena = Arena.ofShared();

    /** Where pages are unpacked to that do not lie side by side; made for the first of them. */
    private ByteBuffer together;

    GzipDecoder(BlockInflate inflate, BufferPool buffers) {
        super(buffers);
        this.inflate = inflate;
    }

    @Override
    void unpack(ByteBuffer packed, IoVector pages, int pageSizeBytes) throws CodecException {
        if (pages.count() == 1) {
            unpackMembers(packed, pages.buffers()[0]);
            return;
        }
        if (together == null) {
            together = arena.allocate(Multifd.PACKET_DATA_BYTES, Long.BYTES).asByteBuffer();
        }
        unpackMembers(packed, together.clear().limit((int) pages.totalBytes()));
        int position = 0;
        for (int i = 0; i < pages.count(); i++) {
            ByteBuffer run = pages.buffers()[i];
            int length = run.remaining();
            run.put(run.position(), together, position, length).position(run.limit());
            position += length;
        }
    }

    private void unpackMembers(ByteBuffer packed, ByteBuffer into) throws CodecException {
        int size = packed.remaining();
        int room = into.remaining();
        while (packed.hasRemaining() && into.hasRemaining()) {
            int before = into.remaining();
            member.unpack(packed, inflate, into);
            if (into.remaining() == before) {
                throw new CodecException("gzip member must have something in it: next_packet_size=" + size);
            }
        }
        if (into.hasRemaining()) {
            throw new CodecException(
                    "packet's data must have all its pages: next_packet_size=" + size + " expected=" + room);
        }
        if (packed.hasRemaining()) {
            throw new CodecException(
                    "packet's data must have its pages and no more: next_packet_size=" + size + " expected=" + room);
        }
    }

    @Override
    void closeUnpacker() {
        inflate.close();
        arena.close();
    }
}
