package io.pageferry.codec;

import io.pageferry.memory.BufferPool;
import io.pageferry.wire.CompressionMethod;

/**
 * The format of QEMU's {@code qpl}, which is there for Intel's In-Memory Analytics Accelerator: each page by itself, as
 * raw deflate. It has no levels. Nothing of the accelerator is needed for it.
 */
final class QplCodec implements PageCodec {
    /** How far back the accelerator looks when it unpacks; no page it has to unpack is longer. */
    private static final int WINDOW_BYTES = 4096;

    private final Deflates deflates;

    /** As fast as this machine can. */
    QplCodec() {
        this(new Deflates());
    }

    /** By a library that is there, or not. */
    QplCodec(Deflates deflates) {
        this.deflates = deflates;
    }

    @Override
    public CompressionMethod method() {
        return CompressionMethod.QPL;
    }

    @Override
    public PageEncoder newEncoder(int level, BufferPool buffers) {
        return new PagewiseEncoder(deflates.ofPages(DeflateFormat.RAW), WINDOW_BYTES, buffers);
    }

    @Override
    public PageDecoder newDecoder(BufferPool buffers, WindowClaim window) {
        return new PagewiseDecoder(deflates.newInflate(DeflateFormat.RAW), buffers);
    }
}
