package io.pageferry.codec;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Unpacks a stream. Buffers are direct ones; their positions move. Belongs to one thread. */
interface Decompressor extends AutoCloseable {
    /**
     * Unpacks as much as there is and fits; nothing, where one of the two is used up.
     *
     * @throws CodecException where the data is damaged, or the stream ends in it
     * @throws IOException where it needs more memory than it is given
     */
    void decompress(ByteBuffer from, ByteBuffer into) throws IOException;

    @Override
    void close();
}
