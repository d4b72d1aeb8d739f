package io.pageferry.codec;

import io.pageferry.memory.BufferPool;
import io.pageferry.wire.CompressionMethod;

/**
 * A migration's codec with what it needs: makes the ends of its channels' streams. For any thread; closed when they all
 * are.
 */
public final class ChannelCodecs implements AutoCloseable {
    private final PageCodec codec;
    private final int level;
    private final BufferPool buffers;
    private final WindowClaim window;

    /**
     * Puts a codec to use.
     *
     * @param level of the effort that encoders make
     * @param buffers closed with this
     */
    public ChannelCodecs(PageCodec codec, int level, BufferPool buffers) {
        this(codec, level, buffers, WindowClaim.UNLIMITED);
    }

    /**
     * The same for a peer that is not trusted.
     *
     * @param window is asked before memory is taken that a channel's stream says it needs
     */
    public ChannelCodecs(PageCodec codec, int level, BufferPool buffers, WindowClaim window) {
        this.codec = codec;
        this.level = level;
        this.buffers = buffers;
        this.window = window;
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
        return codec.newDecoder(buffers, window);
    }

    @Override
    public void close() {
        buffers.close();
    }
}
