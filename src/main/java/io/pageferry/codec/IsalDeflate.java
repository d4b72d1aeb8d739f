package io.pageferry.codec;

import io.pageferry.wire.Multifd;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;

/** Packs by {@link Isal}, as one stream. */
final class IsalDeflate implements Compressor {
    /** Of zlib's levels, those that this packs as well as. */
    private static final int LEAST_LEVEL = 1;

    private static final int MOST_LEVEL = 3;

    /**
     * The library's own level, its last. On pages that are half random, 1 and 2 leave a quarter more than zlib's level
     * 1, on text none does; this one is never far behind zlib, and still three to five times as fast.
     */
    private static final int ISAL_LEVEL = 3;

    private static final int OK = 0;

    private final Isal isal;
    private final IsalStream stream = new IsalStream();
    private final Arena arena = Arena.ofShared();

    /**
     * What is packed, out of the guest's reach. The library looks for matches in the input itself: a page that changes
     * after it was packed would be matched as it is then, where the receiver has it as it was.
     */
    private final ByteBuffer gathered =
            arena.allocate(Multifd.PACKET_DATA_BYTES, Long.BYTES).asByteBuffer();

    /** Begins a stream. */
    IsalDeflate(Isal isal) {
        this.isal = isal;
        isal.deflateInit(stream.memory());
        stream.format(DeflateFormat.ZLIB, ISAL_LEVEL);
        stream.flushEachTime();
    }

    /** Whether the library packs as well as zlib does with one of its levels. */
    static boolean isEquivalentTo(int level) {
        return level >= LEAST_LEVEL && level <= MOST_LEVEL;
    }

    @Override
    public void compress(ByteBuffer from, ByteBuffer into, boolean flush) throws CodecException {
        gathered.put(from);
        if (flush) {
            deflate(gathered.flip(), into);
            gathered.clear();
        }
    }

    private void deflate(ByteBuffer from, ByteBuffer into) throws CodecException {
        stream.input(from);
        stream.output(into);
        int result = isal.deflate(stream.memory());
        if (result != OK) {
            throw new CodecException("pages must be packed: isal=" + result);
        }
        // Room that is left says that all is out, as with zlib.
        if (stream.roomLeft() == 0) {
            throw new CodecException("packed pages must fit a packet: room=" + into.capacity());
        }
        into.position(into.limit() - stream.roomLeft());
    }

    @Override
    public void close() {
        stream.close();
        arena.close();
    }
}
