package io.pageferry.codec;

import io.pageferry.memory.BufferPool;
import io.pageferry.wire.CompressionMethod;

/**
 * A way to have page data on the wire: QEMU's {@code MultiFDMethods}. Stateless: it makes the two ends of a channel's
 * stream. A new one is a class that implements this, and its line in {@link Codecs}.
 */
public interface PageCodec {
    /** What peers call it, in the packets' flags and as parameter. */
    CompressionMethod method();

    /**
     * Makes a channel's sending end.
     *
     * @param level how much effort is made, as QEMU's parameter for the method has it; for none it means nothing
     * @param buffers where page data waits to be sent, each of at least
     *     {@link io.pageferry.wire.Multifd#MAX_COMPRESSED_BYTES}
     */
    PageEncoder newEncoder(int level, BufferPool buffers);

    /**
     * Makes a channel's receiving end.
     *
     * @param buffers where data that came waits to be unpacked, each of at least
     *     {@link io.pageferry.wire.Multifd#MAX_COMPRESSED_BYTES}
     */
    default PageDecoder newDecoder(BufferPool buffers) {
        return newDecoder(buffers, WindowClaim.UNLIMITED);
    }

    /**
     * The same for a stream whose sender is not trusted.
     *
     * @param window is asked before memory is taken that the stream itself says it needs
     */
    PageDecoder newDecoder(BufferPool buffers, WindowClaim window);
}
