package io.pageferry.codec;

import io.pageferry.memory.BufferPool;
import io.pageferry.wire.CompressionMethod;

/**
 * The format of QEMU's {@code qatzip}, which is there for Intel's QuickAssist: all pages of a packet, one after the
 * other, as gzip members (RFC 1952). Levels are QATzip's: 1 to 9, as zlib's are.
 */
final class QatzipCodec implements PageCodec {
    private final Deflates deflates;

    /** As fast as this machine can. */
    QatzipCodec() {
        this(new Deflates());
    }

    /** By a library that is there, or not. */
    QatzipCodec(Deflates deflates) {
        this.deflates = deflates;
    }

    @Override
    public CompressionMethod method() {
        return CompressionMethod.QATZIP;
    }

    @Override
    public PageEncoder newEncoder(int level, BufferPool buffers) {
        return new GzipEncoder(deflates.ofBlocks(level), buffers);
    }

    @Override
    public PageDecoder newDecoder(BufferPool buffers, WindowClaim window) {
        return new GzipDecoder(deflates.newInflate(DeflateFormat.RAW), buffers);
    }
}
