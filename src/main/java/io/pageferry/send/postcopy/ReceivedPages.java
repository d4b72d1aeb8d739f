package io.pageferry.send.postcopy;

import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.RamBlock;
import io.pageferry.stream.StreamException;
import io.pageferry.stream.StreamInput;
import java.io.IOException;

/**
 * Reads which pages of a block a destination has: QEMU's {@code ramblock_recv_bitmap_send}. Stateless.
 *
 * <pre>
 *   size u64, in bytes, whole words    bitmap, words of 64 bits in little-endian order    0x0123456789abcdef u64
 * </pre>
 */
final class ReceivedPages {
    private static final long END = 0x0123456789abcdefL;

    private ReceivedPages() {}

    /** Reads the bitmap, which must be as long as the block. */
    static PageBitmap read(StreamInput in, RamBlock block) throws IOException {
        PageBitmap received = new PageBitmap(block.pages());
        long expected = (long) received.wordCount() * Long.BYTES;
        long size = in.u64("size of the bitmap of received pages");
        if (size != expected) {
            throw new StreamException("destination's bitmap must be of the same block, is it another image's guest?"
                    + " block=" + block.name() + " pages=" + block.pages() + " size=" + Long.toUnsignedString(size)
                    + " expected=" + expected);
        }
        for (int i = 0; i < received.wordCount(); i++) {
            long word = Long.reverseBytes(in.u64("bitmap of received pages"));
            received.word(i, word & received.wordMask(i));
        }
        long end = in.u64("end of the bitmap of received pages");
        if (end != END) {
            throw new StreamException("bitmap of received pages must end with its mark: block=" + block.name()
                    + " mark=0x" + Long.toHexString(end));
        }
        return received;
    }
}
