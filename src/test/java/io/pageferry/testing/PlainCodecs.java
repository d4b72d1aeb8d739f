package io.pageferry.testing;

import io.pageferry.codec.ChannelCodecs;
import io.pageferry.codec.CodecException;
import io.pageferry.codec.Codecs;
import io.pageferry.memory.BufferPool;
import io.pageferry.wire.CompressionMethod;

/**
 * What a migration without compression has for codecs: they need no buffers, and nothing of them is left when they are
 * not closed.
 */
public final class PlainCodecs {
    private PlainCodecs() {}

    public static ChannelCodecs open() throws CodecException {
        return new ChannelCodecs(Codecs.standard().of(CompressionMethod.NONE), 0, new BufferPool(1, 1, 1));
    }
}
