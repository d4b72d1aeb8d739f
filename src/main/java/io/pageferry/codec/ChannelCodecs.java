package io.pageferry.codec;

import io.pageferry.memory.BufferPool;
import io.pageferry.wire.CompressionMethod;

/** A migration's codec with what it needs: makes the ends of its channels' streams. For any thread; closed when they all are. */
public final class ChannelCodecs implements AutoCloseable {
    private final PageCodec codec;
    private final int level;
    private final BufferPool buffers;

    /**
     * Puts a codec to use.
     *
     * @param level of the effort that encoders make
     * @param buffers closed with this
     */
    public ChannelCodecs(PageCodec codec, int level, BufferPool buffers) {
        this.codec = codec;
        this.level = level;
        this.buffers = buffers;
    }

    public CompressionMethod method() {
        return codec.method();
    }

    /** A channel's sending end. */
    public PageEncoder newEncoder() {
        return codec.newEncoder(level, buffers);
    }

    /** A channel's receiving end. */
    public PageDecoder newDecoder() {
        return codec.newDecoder(buffers);
    }

    @Override
    public void close() {
        buffers.close();
    }
}
