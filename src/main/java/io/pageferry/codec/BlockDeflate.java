package io.pageferry.codec;

import java.nio.ByteBuffer;

/** Packs blocks, each into a deflate stream of its own. Buffers are direct ones. Belongs to one thread. */
interface BlockDeflate extends AutoCloseable {
    /**
     * Packs all of a buffer, which nobody may change meanwhile.
     *
     * @return whether the stream had room; where it had none, what is in the output is of no use, and its position is
     *     where it was
     */
    boolean deflate(ByteBuffer from, ByteBuffer into) throws CodecException;

    @Override
    void close();
}
