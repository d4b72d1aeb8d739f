package io.pageferry.codec;

import java.nio.ByteBuffer;

/** Packs a stream. Buffers are direct ones; their positions move. Belongs to one thread. */
interface Compressor extends AutoCloseable {
    /**
     * Packs all of a buffer.
     *
     * @param flush whether everything so far must be in the output when this returns
     * @throws CodecException where the output has too little room
     */
    void compress(ByteBuffer from, ByteBuffer into, boolean flush) throws CodecException;

    @Override
    void close();
}
