package io.pageferry.codec;

import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** The JDK's zlib. Stateless: any thread. */
final class JdkZlib {
    private JdkZlib() {}

    /** Packs, at any of zlib's levels. */
    static final class Packer implements Compressor {
        private final Deflater deflater;

        Packer(int level) {
            deflater = new Deflater(level);
        }

        @Override
        public void compress(ByteBuffer from, ByteBuffer into, boolean flush) throws CodecException {
            deflater.setInput(from);
            int mode = flush ? Deflater.SYNC_FLUSH : Deflater.NO_FLUSH;
            deflater.deflate(into, mode);
            // Room that is left says that all is out: zlib had no reason to stop before.
            if (!into.hasRemaining()) {
                throw new CodecException("packed pages must fit a packet: room=" + into.capacity());
            }
        }

        @Override
        public void close() {
            deflater.end();
        }
    }

    /** Unpacks. */
    static final class Unpacker implements Decompressor {
        private final Inflater inflater = new Inflater();

        @Override
        public void decompress(ByteBuffer from, ByteBuffer into) throws CodecException {
            try {
                inflater.setInput(from);
                inflater.inflate(into);
            } catch (DataFormatException e) {
                throw new CodecException("packet's data must be zlib's: reason=\"" + e.getMessage() + "\"", e);
            }
            if (inflater.needsDictionary()) {
                throw new CodecException("zlib stream must not need a dictionary: adler=" + inflater.getAdler());
            }
            if (inflater.finished()) {
                throw new CodecException(
                        "zlib stream must not end inside a migration: unpacked=" + inflater.getBytesWritten());
            }
        }

        @Override
        public void close() {
            inflater.end();
        }
    }
}
