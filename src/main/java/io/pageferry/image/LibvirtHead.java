package io.pageferry.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The head of a file that libvirt's {@code save} wrote, as much as errors say of it. Stateless: any thread.
 *
 * <pre>
 *    0  magic, 16 bytes
 *   16  version
 *   20  length of what follows the head: XML, cookie, padding
 *   24  was_running
 *   28  format
 *   32  cookie's offset
 *   36  unused, 56 bytes
 *   92  XML ...
 * </pre>
 *
 * <p>Numbers have 32 bits in the order of the host that wrote them: a version that reads as a large number tells.
 */
final class LibvirtHead {
    static final String UNFINISHED = "LibvirtQemudPart";

    private static final byte[] MAGIC = "LibvirtQemudSave".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION_POSITION = 16;
    private static final int LENGTH_POSITION = 20;
    private static final int FORMAT_POSITION = 28;
    private static final int HEAD_BYTES = 92;
    private static final int NEWEST_VERSION = 2;

    private static final List<String> FORMATS = List.of("raw", "gzip", "bzip2", "xz", "lzop", "zstd", "sparse");

    private LibvirtHead() {}

    static boolean isIn(byte[] head) {
        return head.length >= MAGIC.length && Arrays.equals(head, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
    }

    /** In words: which format is inside, and what can be done with it. */
    static String describe(byte[] head) {
        if (head.length < HEAD_BYTES) {
            return "a file of libvirt's save, cut off";
        }
        ByteBuffer bytes = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
        if (Integer.compareUnsigned(bytes.getInt(VERSION_POSITION), NEWEST_VERSION) > 0) {
            bytes.order(ByteOrder.BIG_ENDIAN);
        }
        int format = bytes.getInt(FORMAT_POSITION);
        long start = HEAD_BYTES + Integer.toUnsignedLong(bytes.getInt(LENGTH_POSITION));
        String name = format >= 0 && format < FORMATS.size() ? FORMATS.get(format) : Integer.toUnsignedString(format);
        String found = "a file of libvirt's save, its format is " + name;
        return name.equals("sparse") ? found + ", whose image begins at offset=" + start : found;
    }
}
