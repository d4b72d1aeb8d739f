package io.pageferry.codec;

import java.nio.ByteBuffer;

/**
 * Unpacks pages that are a deflate stream each, and makes sure that it is one of just a page. Buffers are direct ones.
 * Belongs to one thread.
 */
public final class PageInflater implements AutoCloseable {
    private final BlockInflate inflate;

    PageInflater(BlockInflate inflate) {
        this.inflate = inflate;
    }

    /** Of pages in zlib's format, as QEMU's capability {@code compress} has them. */
    public static PageInflater ofZlib() {
        return new PageInflater(new Deflates().newInflate(DeflateFormat.ZLIB));
    }

    /**
     * Fills a page.
     *
     * @param packed all of it is the page's
     * @throws CodecException where it is anything else than one sound stream of a page
     */
    public void inflate(ByteBuffer packed, ByteBuffer page) throws CodecException {
        int length = packed.remaining();
        inflate.inflate(packed, page);
        if (packed.hasRemaining() || page.hasRemaining()) {
            throw new CodecException("packed page must be one deflate stream of just a page: missing="
                    + page.remaining() + " left=" + packed.remaining() + " length=" + length);
        }
    }

    @Override
    public void close() {
        inflate.close();
    }
}
