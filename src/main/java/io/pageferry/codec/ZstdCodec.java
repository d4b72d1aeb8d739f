package io.pageferry.codec;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import io.pageferry.memory.BufferPool;
import io.pageferry.wire.CompressionMethod;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Zstandard, one frame that never ends, with a flush after each packet. Levels are zstd's: 1 to 20, 0 for its default.
 */
final class ZstdCodec implements PageCodec {
    @Override
    public CompressionMethod method() {
        return CompressionMethod.ZSTD;
    }

    @Override
    public PageEncoder newEncoder(int level, BufferPool buffers) {
        return new CompressingEncoder(new Packer(level), buffers);
    }

    @Override
    public PageDecoder newDecoder(BufferPool buffers, WindowClaim window) {
        return new CompressingDecoder(new Unpacker(window), buffers);
    }

    private static final class Packer implements Compressor {
        private final ZstdCompressCtx context = new ZstdCompressCtx();

        Packer(int level) {
            context.setLevel(level);
        }

        @Override
        public void compress(ByteBuffer from, ByteBuffer into, boolean flush) throws CodecException {
            EndDirective mode = flush ? EndDirective.FLUSH : EndDirective.CONTINUE;
            boolean done;
            do {
                done = context.compressDirectByteBufferStream(into, from, mode);
                if (!into.hasRemaining()) {
                    throw new CodecException("packed pages must fit a packet: room=" + into.capacity());
                }
            } while (from.hasRemaining() || flush && !done);
        }

        @Override
        public void close() {
            context.close();
        }
    }

    /** The library's tables, and two blocks of 128 KiB, one that comes in and one that goes out. */
    private static final long BESIDE_WINDOW_BYTES = 512 << 10;

    private static final class Unpacker implements Decompressor {
        private final ZstdDecompressCtx context = new ZstdDecompressCtx();
        private final WindowClaim window;
        private boolean begun;

        Unpacker(WindowClaim window) {
            this.window = window;
        }

        @Override
        public void decompress(ByteBuffer from, ByteBuffer into) throws IOException {
            if (!begun) {
                // It sizes what the library allocates.
                window.claim(ZstdFrameHeader.requireModestWindow(from) + BESIDE_WINDOW_BYTES);
                begun = true;
            }
            boolean ended;
            try {
                ended = context.decompressDirectByteBufferStream(into, from);
            } catch (ZstdException e) {
                throw new CodecException("packet's data must be zstd's: reason=\"" + e.getMessage() + "\"", e);
            }
            if (ended) {
                throw new CodecException("zstd frame must not end inside a migration: left=" + from.remaining());
            }
        }

        @Override
        public void close() {
            context.close();
        }
    }
}
