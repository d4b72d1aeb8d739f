package io.pageferry.codec;

import io.pageferry.memory.BufferPool;
import io.pageferry.wire.CompressionMethod;
import io.pageferry.wire.PacketGeometry;

/**
 * The format of QEMU's {@code uadk}, which is there for Kunpeng's accelerators: each page by itself, as zlib's format.
 * Of its levels there is 0, pages as they are, which is all that a QEMU without such an accelerator can take, and one
 * other.
 */
final class UadkCodec implements PageCodec {
    /** Pages as they are. */
    static final int RAW = 0;

    private final Deflates deflates;

    /** As fast as this machine can. */
    UadkCodec() {
        this(new Deflates());
    }

    /** By a library that is there, or not. */
    UadkCodec(Deflates deflates) {
        this.deflates = deflates;
    }

    @Override
    public CompressionMethod method() {
        return CompressionMethod.UADK;
    }

    @Override
    public PageEncoder newEncoder(int level, BufferPool buffers) {
        return level == RAW
                ? new RawPagesEncoder()
                : new PagewiseEncoder(
                        deflates.ofPages(DeflateFormat.ZLIB), PacketGeometry.MAX_PAGE_SIZE_BYTES, buffers);
    }

    @Override
    public PageDecoder newDecoder(BufferPool buffers, WindowClaim window) {
        return new PagewiseDecoder(deflates.newInflate(DeflateFormat.ZLIB), buffers);
    }
}
