package io.pageferry.codec;

import io.pageferry.memory.BufferPool;
import io.pageferry.wire.CompressionMethod;
import java.util.Optional;

/**
 * zlib's format, with a sync flush after each packet. Levels are zlib's: 0 (stored) to 9.
 *
 * <p>What does it is {@link Isal}, where the machine has that, and the JDK's zlib else. Sources need not be told which:
 * the format is the same.
 */
final class ZlibCodec implements PageCodec {
    private final Optional<Isal> isal;

    /** As fast as this machine can. */
    ZlibCodec() {
        this(Isal.ofThisMachine());
    }

    /** By a library that is there, or not. */
    ZlibCodec(Optional<Isal> isal) {
        this.isal = isal;
    }

    @Override
    public CompressionMethod method() {
        return CompressionMethod.ZLIB;
    }

    @Override
    public PageEncoder newEncoder(int level, BufferPool buffers) {
        Compressor compressor = isal.filter(_ -> IsalDeflate.isEquivalentTo(level))
                .<Compressor>map(library -> new IsalDeflate(library))
                .orElseGet(() -> new JdkZlib.Packer(level));
        return new CompressingEncoder(compressor, buffers);
    }

    @Override
    public PageDecoder newDecoder(BufferPool buffers, WindowClaim window) {
        Decompressor decompressor = isal.<Decompressor>map(IsalInflate::new).orElseGet(JdkZlib.Unpacker::new);
        return new CompressingDecoder(decompressor, buffers);
    }
}
