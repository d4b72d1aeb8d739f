package io.pageferry.codec;

import io.pageferry.memory.BufferPool;
import io.pageferry.memory.IoVector;
import java.nio.ByteBuffer;

/** Unpacks pages that are each by themselves, behind a length for each of them. */
final class PagewiseDecoder extends BufferedDecoder {
    private final PageInflater inflater;

    PagewiseDecoder(BlockInflate inflate, BufferPool buffers) {
        super(buffers);
        this.inflater = new PageInflater(inflate);
    }

    @Override
    void unpack(ByteBuffer packed, IoVector pages, int pageSizeBytes) throws CodecException {
        int count = (int) (pages.totalBytes() / pageSizeBytes);
        requireLengths(packed, count, pageSizeBytes);
        int length = packed.position();
        packed.position(length + count * Integer.BYTES);
        for (int i = 0; i < pages.count(); i++) {
            ByteBuffer run = pages.buffers()[i];
            for (int end = run.limit(); run.position() < end; length += Integer.BYTES) {
                unpackPage(packed, packed.getInt(length), run.limit(run.position() + pageSizeBytes));
                run.limit(end);
            }
        }
    }

    /** All of them, before any page is written. */
    private static void requireLengths(ByteBuffer packed, int pages, int pageSizeBytes) throws CodecException {
        int size = packed.remaining();
        int lengths = pages * Integer.BYTES;
        if (size < lengths) {
            throw new CodecException("packet's data must begin with its pages' lengths: next_packet_size=" + size
                    + " normal_pages=" + pages);
        }
        long sum = lengths;
        for (int i = 0; i < pages; i++) {
            int length = packed.getInt(packed.position() + i * Integer.BYTES);
            if (length < 1 || length > pageSizeBytes) {
                throw new CodecException("packed page's length must be 1 to " + pageSizeBytes + ": page=" + i
                        + " length=" + Integer.toUnsignedString(length));
            }
            sum += length;
        }
        if (sum != size) {
            throw new CodecException(
                    "packed pages and their lengths must add up to the packet's data: next_packet_size=" + size
                            + " normal_pages=" + pages + " sum=" + sum);
        }
    }

    private void unpackPage(ByteBuffer packed, int length, ByteBuffer page) throws CodecException {
        int end = packed.limit();
        packed.limit(packed.position() + length);
        if (length == page.remaining()) {
            page.put(packed);
        } else {
            inflater.inflate(packed, page);
        }
        packed.limit(end);
    }

    @Override
    void closeUnpacker() {
        inflater.close();
    }
}
