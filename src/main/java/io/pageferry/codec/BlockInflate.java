package io.pageferry.codec;

import java.nio.ByteBuffer;

/** Unpacks deflate streams, each from its first byte to its last. Buffers are direct ones. Belongs to one thread. */
interface BlockInflate extends AutoCloseable {
    /**
     * Unpacks one stream. The positions are behind it, and behind what was in it.
     *
     * @throws CodecException where the stream is damaged, or does not end in its data, or has more than there is room
     */
    void inflate(ByteBuffer from, ByteBuffer into) throws CodecException;

    @Override
    void close();

    static CodecException damaged(String reason) {
        return new CodecException("deflate stream must be sound: reason=\"" + reason + "\"");
    }

    static CodecException endless(int unpacked) {
        return new CodecException("deflate stream must end in its data: unpacked=" + unpacked);
    }

    static CodecException tooLong(int room) {
        return new CodecException("deflate stream must have no more than its pages: room=" + room);
    }
}
