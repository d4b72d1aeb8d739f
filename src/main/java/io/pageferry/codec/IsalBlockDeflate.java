package io.pageferry.codec;

import java.nio.ByteBuffer;

/** Packs blocks by {@link Isal}, each by one call. */
final class IsalBlockDeflate implements BlockDeflate {
    private static final int OK = 0;
    private static final int STATELESS_OVERFLOW = -1;

    private final Isal isal;
    private final DeflateFormat format;
    private final int isalLevel;
    private final IsalStream stream = new IsalStream();

    /**
     * Makes one.
     *
     * @param isalLevel the library's own: 0, fixed codes, to 3
     */
    IsalBlockDeflate(Isal isal, DeflateFormat format, int isalLevel) {
        this.isal = isal;
        this.format = format;
        this.isalLevel = isalLevel;
    }

    @Override
    public boolean deflate(ByteBuffer from, ByteBuffer into) throws CodecException {
        isal.deflateStatelessInit(stream.memory());
        stream.format(format, isalLevel);
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
