package io.pageferry.codec;

import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** The JDK's zlib, for streams that are each by themselves. */
final class JdkBlocks {
    private JdkBlocks() {}

    /** Packs, at any of zlib's levels. */
    static final class Packer implements BlockDeflate {
        private final Deflater deflater;

        Packer(DeflateFormat format, int level) {
            deflater = new Deflater(level, format == DeflateFormat.RAW);
        }

        @Override
        public boolean deflate(ByteBuffer from, ByteBuffer into) {
            int start = into.position();
            deflater.reset();
            deflater.setInput(from);
            deflater.finish();
            while (!deflater.finished() && into.hasRemaining()) {
                deflater.deflate(into);
            }
            if (!deflater.finished()) {
                into.position(start);
            }
            return deflater.finished();
        }

        @Override
        public void close() {
            deflater.end();
        }
    }

    /** Unpacks. */
    static final class Unpacker implements BlockInflate {
        private final Inflater inflater;

        /** Where what must not be there would go. */
        private final byte[] excess = new byte[1];

        Unpacker(DeflateFormat format) {
            inflater = new Inflater(format == DeflateFormat.RAW);
        }

        @Override
        public void inflate(ByteBuffer from, ByteBuffer into) throws CodecException {
            int room = into.remaining();
            inflater.reset();
            inflater.setInput(from);
            try {
                while (!inflater.finished() && into.hasRemaining() && inflater.inflate(into) > 0) {
                    // until it is at its end, or out of room, or out of data
                }
                // A stream that has given all its bytes may not have read its own end yet.
                if (!inflater.finished() && inflater.inflate(excess) > 0) {
                    throw BlockInflate.tooLong(room);
                }
            } catch (DataFormatException e) {
                throw BlockInflate.damaged(e.getMessage());
            }
            if (inflater.needsDictionary()) {
                throw BlockInflate.damaged("need dictionary");
            }
            if (!inflater.finished()) {
                throw BlockInflate.endless(room - into.remaining());
            }
        }

        @Override
        public void close() {
            inflater.end();
        }
    }
}
