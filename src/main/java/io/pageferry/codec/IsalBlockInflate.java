package io.pageferry.codec;

import java.nio.ByteBuffer;

/** Unpacks streams by {@link Isal}, each by one call. */
final class IsalBlockInflate implements BlockInflate {
    private static final int OK = 0;
    private static final int END_INPUT = 1;
    private static final int OUT_OVERFLOW = 2;
    private static final int NEED_DICT = 6;

    private final Isal isal;
    private final IsalState state = new IsalState();

    IsalBlockInflate(Isal isal, DeflateFormat format) {
        this.isal = isal;
        isal.inflateInit(state.memory());
        state.format(format);
    }

    @Override
    public void inflate(ByteBuffer from, ByteBuffer into) throws CodecException {
        int room = into.remaining();
        state.buffers(from, into);
        int result = isal.inflateStateless(state.memory());
        switch (result) {
            case OK -> state.advance(from, into);
            // Where it fails, the library's counters may be beyond the ends of the buffers.
            case END_INPUT -> throw BlockInflate.endless(room - Math.clamp(state.roomLeft(), 0, room));
            case OUT_OVERFLOW -> throw BlockInflate.tooLong(room);
            case NEED_DICT -> throw BlockInflate.damaged("need dictionary");
            default -> throw BlockInflate.damaged(IsalInflate.reason(result));
        }
    }

    @Override
    public void close() {
        state.close();
    }
}
