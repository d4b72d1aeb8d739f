package io.pageferry.codec;

import java.nio.ByteBuffer;

/**
 * Makes a page out of the one that was there before and what has changed since: QEMU's XBZRLE. Pure.
 *
 * <p>What comes is pairs of runs: how many bytes are as they were, how many are new, and those. Lengths are ULEB128 of
 * at most two bytes. Only the very first run may be of no bytes; what is behind the last is as it was.
 */
public final class XbzrleDecoder {
    private static final int MORE = 0x80;

    private XbzrleDecoder() {}

    /**
     * Changes a page.
     *
     * @param encoded from position to limit
     * @param page as it was, from position to limit; as it is now, afterwards
     */
    public static void decode(ByteBuffer encoded, ByteBuffer page) throws CodecException {
        int start = page.position();
        int at = start;
        while (encoded.hasRemaining()) {
            int unchanged = length(encoded);
            if (unchanged == 0 && at > start) {
                throw broken("run of unchanged bytes must not be empty but for the first", at - start, unchanged);
            }
            at = advance(page, at, unchanged, start);
            if (!encoded.hasRemaining()) {
                throw broken("run of unchanged bytes must be followed by one of changed bytes", at - start, 0);
            }
            int changed = length(encoded);
            if (changed == 0) {
                throw broken("run of changed bytes must not be empty", at - start, changed);
            }
            if (changed > encoded.remaining()) {
                throw broken("run of changed bytes must be there", at - start, changed);
            }
            int end = advance(page, at, changed, start);
            page.put(at, encoded, encoded.position(), changed);
            encoded.position(encoded.position() + changed);
            at = end;
        }
    }

    private static int length(ByteBuffer encoded) throws CodecException {
        int low = encoded.get() & 0xff;
        if (low < MORE) {
            return low;
        }
        if (!encoded.hasRemaining()) {
            throw new CodecException("XBZRLE run's length must be whole: bytes=1");
        }
        int high = encoded.get() & 0xff;
        if (high >= MORE) {
            throw new CodecException(
                    "XBZRLE run's length must have two bytes at the most: second=0x" + Integer.toHexString(high));
        }
        return low & MORE - 1 | high << 7;
    }

    private static int advance(ByteBuffer page, int at, int length, int start) throws CodecException {
        if (length > page.limit() - at) {
            throw broken("run must end within the page", at - start, length);
        }
        return at + length;
    }

    private static CodecException broken(String rule, int offset, int length) {
        return new CodecException("XBZRLE " + rule + ": offset=" + offset + " length=" + length);
    }
}
