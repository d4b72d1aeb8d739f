package io.pageferry.codec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The beginning of a Zstandard frame (RFC 8878, 3.1.1.1), as far as it says how much memory the frame wants. */
final class ZstdFrameHeader {
    /** What zstd's levels up to 20, the highest that QEMU takes, ask for at the most. */
    static final long MAX_WINDOW_BYTES = 32L << 20;

    private static final int MAGIC = 0xfd2fb528;
    private static final int SINGLE_SEGMENT = 0x20;
    private static final int MIN_WINDOW_LOG = 10;
    private static final int LENGTH = Integer.BYTES + 2;

    private ZstdFrameHeader() {}

    /**
     * Looks at a stream's first bytes, and leaves the buffer as it was.
     *
     * @return how large the frame's window is, in bytes
     * @throws CodecException where they are no frame's, or one's whose window is larger than any that QEMU makes
     */
    static long requireModestWindow(ByteBuffer bytes) throws CodecException {
        int start = bytes.position();
        if (bytes.remaining() < LENGTH) {
            throw new CodecException("zstd frame must begin with its header: length=" + bytes.remaining());
        }
        int magic = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).getInt(start);
        if (magic != MAGIC) {
            throw new CodecException(String.format("zstd frame must begin with its magic: magic=0x%08x", magic));
        }
        int descriptor = bytes.get(start + Integer.BYTES);
        if ((descriptor & SINGLE_SEGMENT) != 0) {
            throw new CodecException(String.format(
                    "zstd frame must be a stream's, of no known length: descriptor=0x%02x", descriptor & 0xff));
        }
        int window = Byte.toUnsignedInt(bytes.get(start + Integer.BYTES + 1));
        long base = 1L << MIN_WINDOW_LOG + (window >> 3);
        long windowBytes = base + base / 8 * (window & 7);
        if (windowBytes > MAX_WINDOW_BYTES) {
            throw new CodecException(
                    "zstd frame's window must be " + MAX_WINDOW_BYTES + " at the most: window=" + windowBytes);
        }
        return windowBytes;
    }
}
