package io.pageferry.codec;

import io.pageferry.memory.BufferPool;
import io.pageferry.memory.IoVector;
import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.PageBatch;
import io.pageferry.wire.Multifd;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;

/** Packs the pages of a packet into gzip members that QATzip's hardware could unpack. */
final class GzipEncoder implements PageEncoder {
    private final BlockDeflate deflate;
    private final BorrowedBuffer room;
    private final GzipMember member = new GzipMember();
    private final IoVector gathered = new IoVector(CompressingEncoder.MAX_PAGES);
    private final Arena arena = Arena.ofShared();

    /** What goes into the next member, out of the guest's reach: it must not change before it is packed. */
    private final ByteBuffer input =
            arena.allocate(GzipMember.MOST_BYTES, Long.BYTES).asByteBuffer();

    GzipEncoder(BlockDeflate deflate, BufferPool buffers) {
        this.deflate = deflate;
        this.room = new BorrowedBuffer(buffers);
    }

    @Override
    public void encode(PageBatch batch, LoadedPages pages, IoVector packet)
            throws CodecException, InterruptedException {
        gathered.clear();
        pages.addTo(gathered, batch.normalPages(), batch.block().pageSizeBytes());
        room.borrow(Multifd.MAX_COMPRESSED_BYTES);
        ByteBuffer packed = room.bytes();
        input.clear();
        for (int i = 0; i < gathered.count(); i++) {
            ByteBuffer run = gathered.buffers()[i];
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
        packet.add(packed.flip());
    }

    private void addMember(ByteBuffer packed) throws CodecException {
        if (!member.pack(input.flip(), deflate, packed)) {
            throw new CodecException("packed pages must fit a packet: room=" + packed.capacity());
        }
        input.clear();
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
