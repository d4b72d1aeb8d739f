package io.pageferry.codec;

import java.nio.ByteBuffer;

/** Packs blocks by {@link Isal}, each by one call. */
final class IsalBlockDeflate implements BlockDeflate {
    /**
     * The library's own level. On pages of a program that are each by themselves 1 to 3 leave as much as zlib's level
     * 1, within a fiftieth, and 0 a third more; 1 is the fastest of them, twice as fast as 3, which has a table of 64
     * KiB to clear for each, and four times as fast as zlib.
     */
    private static final int ISAL_LEVEL = 1;

    private static final int OK = 0;
    private static final int STATELESS_OVERFLOW = -1;

    private final Isal isal;
    private final DeflateFormat format;
    private final IsalStream stream = new IsalStream();

    IsalBlockDeflate(Isal isal, DeflateFormat format) {
        this.isal = isal;
        this.format = format;
    }

    @Override
    public boolean deflate(ByteBuffer from, ByteBuffer into) throws CodecException {
        isal.deflateStatelessInit(stream.memory());
        stream.format(format, ISAL_LEVEL);
        stream.input(from);
        stream.output(into);
        int result = isal.deflateStateless(stream.memory());
        if (result == STATELESS_OVERFLOW) {
            return false;
        }
        if (result != OK) {
            throw new CodecException("pages must be packed: isal=" + result);
        }
        from.position(from.limit());
        into.position(into.limit() - stream.roomLeft());
        return true;
    }

    @Override
    public void close() {
        stream.close();
    }
}
