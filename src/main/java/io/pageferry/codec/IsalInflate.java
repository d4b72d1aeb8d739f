package io.pageferry.codec;

import java.nio.ByteBuffer;

/** Unpacks by {@link Isal}, as one stream. */
final class IsalInflate implements Decompressor {
    private static final int NEED_DICT = 6;

    private final Isal isal;
    private final IsalState state = new IsalState();
    private long unpacked;

    /** Awaits a stream. */
    IsalInflate(Isal isal) {
        this.isal = isal;
        isal.inflateInit(state.memory());
        state.format(DeflateFormat.ZLIB);
    }

    @Override
    public void decompress(ByteBuffer from, ByteBuffer into) throws CodecException {
        int room = into.remaining();
        state.buffers(from, into);
        int result = isal.inflate(state.memory());
        if (result < 0) {
            throw new CodecException("packet's data must be zlib's: reason=\"" + reason(result) + "\"");
        }
        state.advance(from, into);
        unpacked += room - into.remaining();
        if (result == NEED_DICT) {
            throw new CodecException("zlib stream must not need a dictionary: adler=" + state.dictionary());
        }
        if (state.hasEnded()) {
            throw new CodecException("zlib stream must not end inside a migration: unpacked=" + unpacked);
        }
    }

    /** What a negative result says. */
    static String reason(int result) {
        return switch (result) {
            case -1 -> "invalid block";
            case -2 -> "invalid symbol";
            case -3 -> "invalid distance too far back";
            case -4 -> "incorrect header check";
            case -5 -> "unknown compression method";
            case -6 -> "incorrect data check";
            default -> "isal " + result;
        };
    }

    @Override
    public void close() {
        state.close();
    }
}
