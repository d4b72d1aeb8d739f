package io.pageferry.codec;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * What stands around the deflate stream of a gzip member (RFC 1952), as QATzip has it: in front an extra field with the
 * two sizes, by which its hardware goes, and behind the CRC-32 of what is in it, and its length. All little-endian.
 *
 * <pre>
 *   1f 8b 08, flags 1, mtime 4, xfl 1, os 1 | extra length 2: 'Q' 'Z' 8, unpacked 4, packed 4 | … | crc 4, length 4
 * </pre>
 */
final class GzipMember {
    /** What QATzip's hardware takes at a time. */
    static final int MOST_BYTES = 64 * 1024;

    private static final int FIXED_BYTES = 10;
    private static final int SIZES_BYTES = 2 * Integer.BYTES;
    private static final int SUBFIELD_HEADER_BYTES = 4;
    private static final int EXTRA_BYTES = SUBFIELD_HEADER_BYTES + SIZES_BYTES;
    private static final int HEADER_BYTES = FIXED_BYTES + Short.BYTES + EXTRA_BYTES;
    private static final int TRAILER_BYTES = 2 * Integer.BYTES;

    private static final int MAGIC = 0x8b1f;
    private static final int DEFLATE = 8;
    private static final int FLAG_EXTRA = 4;
    private static final int OS_UNKNOWN = 255;
    private static final int QATZIP = 'Q' | 'Z' << 8;
    private static final int NONE = -1;

    private final CRC32 crc = new CRC32();

    // What the last header said; NONE where it said nothing.
    private int unpackedBytes;
    private int packedBytes;

    /**
     * Packs a member.
     *
     * @return whether it had room
     */
    boolean pack(ByteBuffer from, BlockDeflate deflate, ByteBuffer into) throws CodecException {
        int length = from.remaining();
        crc.reset();
        int first = from.position();
        crc.update(from);
        from.position(first);
        if (into.remaining() < HEADER_BYTES + TRAILER_BYTES) {
            return false;
        }
        put16(into, MAGIC).put((byte) DEFLATE).put((byte) FLAG_EXTRA);
        into.putInt(0).put((byte) 0).put((byte) OS_UNKNOWN);
        put16(into, EXTRA_BYTES);
        put16(into, QATZIP);
        put16(into, SIZES_BYTES);
        put32(into, length).putInt(0);
        int start = into.position();
        if (!deflate.deflate(from, into) || into.remaining() < TRAILER_BYTES) {
            return false;
        }
        into.putInt(start - Integer.BYTES, Integer.reverseBytes(into.position() - start));
        put32(into, (int) crc.getValue());
        put32(into, length);
        return true;
    }

    private static ByteBuffer put16(ByteBuffer into, int value) {
        return into.putShort(Short.reverseBytes((short) value));
    }

    private static ByteBuffer put32(ByteBuffer into, int value) {
        return into.putInt(Integer.reverseBytes(value));
    }

    private static int get16(ByteBuffer from) {
        return Short.reverseBytes(from.getShort()) & 0xffff;
    }

    private static int get32(ByteBuffer from) {
        return Integer.reverseBytes(from.getInt());
    }

    /** Unpacks a member, whatever its length. */
    void unpack(ByteBuffer from, BlockInflate inflate, ByteBuffer into) throws CodecException {
        readHeader(from);
        int packed = from.position();
        int unpacked = into.position();
        inflate.inflate(from, into);
        packed = from.position() - packed;
        int length = into.position() - unpacked;
        requireSaid("packed", packedBytes, packed);
        requireSaid("unpacked", unpackedBytes, length);
        if (from.remaining() < TRAILER_BYTES) {
            throw new CodecException("gzip member must end with its CRC and length: left=" + from.remaining());
        }
        int room = into.limit();
        crc.reset();
        crc.update(into.flip().position(unpacked));
        into.limit(room);
        int saidCrc = get32(from);
        if (saidCrc != (int) crc.getValue()) {
            throw new CodecException(String.format(
                    "gzip member's CRC must be that of its pages: crc=0x%08x expected=0x%08x",
                    saidCrc, (int) crc.getValue()));
        }
        int saidLength = get32(from);
        if (saidLength != length) {
            throw new CodecException("gzip member's length must be that of its pages: length="
                    + Integer.toUnsignedString(saidLength) + " expected=" + length);
        }
    }

    private static void requireSaid(String what, int said, int is) throws CodecException {
        if (said != NONE && said != is) {
            throw new CodecException("gzip member's extra field must have its true sizes: " + what + "="
                    + Integer.toUnsignedString(said) + " expected=" + is);
        }
    }

    private void readHeader(ByteBuffer from) throws CodecException {
        if (from.remaining() < FIXED_BYTES) {
            throw new CodecException("gzip member must have its header: left=" + from.remaining());
        }
        int magic = get16(from);
        int method = from.get() & 0xff;
        int flags = from.get() & 0xff;
        if (magic != MAGIC || method != DEFLATE || (flags & ~FLAG_EXTRA) != 0) {
            throw new CodecException(String.format(
                    "gzip member must begin with 0x%04x, method %d, and no flag but 0x%x: magic=0x%04x method=%d"
                            + " flags=0x%x",
                    MAGIC, DEFLATE, FLAG_EXTRA, magic, method, flags));
        }
        from.position(from.position() + Integer.BYTES + 2);
        unpackedBytes = NONE;
        packedBytes = NONE;
        if (flags == FLAG_EXTRA) {
            readExtra(from);
        }
    }

    /** Fields of others than QATzip are skipped. */
    private void readExtra(ByteBuffer from) throws CodecException {
        int left = from.remaining() < Short.BYTES ? NONE : get16(from);
        if (left == NONE || left > from.remaining()) {
            throw new CodecException("gzip member's extra field must lie in the packet's data: length=" + left
                    + " left=" + from.remaining());
        }
        int end = from.position() + left;
        while (end - from.position() >= SUBFIELD_HEADER_BYTES) {
            int id = get16(from);
            int length = get16(from);
            if (length > end - from.position() || id == QATZIP && length != SIZES_BYTES) {
                throw new CodecException("gzip member's extra field must have whole subfields, QATzip's of "
                        + SIZES_BYTES + " bytes: length=" + length + " left=" + (end - from.position()));
            }
            if (id == QATZIP) {
                unpackedBytes = get32(from);
                packedBytes = get32(from);
            } else {
                from.position(from.position() + length);
            }
        }
        if (from.position() != end) {
            throw new CodecException(
                    "gzip member's extra field must have whole subfields: left=" + (end - from.position()));
        }
    }
}
