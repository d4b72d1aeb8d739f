package io.pageferry.codec;

import java.nio.ByteBuffer;

/** Unpacks a stream. Buffers are direct ones; their positions move. Belongs to one thread. */
interface Decompressor extends AutoCloseable {
    /**
     * Unpacks as much as there is and fits; nothing, where one of the two is used up.
     *
     * @throws CodecException where the data is damaged, or the stream ends in it
     */
    void decompress(ByteBuffer from, ByteBuffer into) throws CodecException;

    @Override
    void close();
}
