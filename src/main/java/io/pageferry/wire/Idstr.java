package io.pageferry.wire;

import org.agrona.DirectBuffer;

/** The fixed 256-byte, NUL-terminated name fields of packets. Stateless: any thread. */
final class Idstr {
    private Idstr() {}

    /** Bytes before the NUL; the whole field's length where there is none. */
    static int length(DirectBuffer buffer, int offset) {
        int length = 0;
        while (length < Multifd.IDSTR_BYTES && buffer.getByte(offset + length) != 0) {
            length++;
        }
        return length;
    }

    /** Whether all of the name can be shown. */
    static boolean isPrintable(DirectBuffer buffer, int offset) {
        int length = length(buffer, offset);
        for (int i = 0; i < length; i++) {
            int character = buffer.getByte(offset + i) & 0xff;
            if (character <= 0x20 || character >= 0x7f) {
                return false;
            }
        }
        return true;
    }

    /**
     * The name for a message: it may come from anybody, so only printable ASCII goes through, and not too much of it.
     */
    static String printable(DirectBuffer buffer, int offset) {
        int length = Math.min(length(buffer, offset), 64);
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            int character = buffer.getByte(offset + i) & 0xff;
            text.append(character > 0x20 && character < 0x7f ? (char) character : '?');
        }
        return text.toString();
    }
}
