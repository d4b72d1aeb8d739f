package io.pageferry.net.tls;

import java.nio.ByteBuffer;

/** The little of TLS's record layer that is looked at here: how a record begins. */
public final class TlsRecord {
    /** As many as tell a record from a migration's beginning. */
    static final int FIRST_BYTES = 4;

    private static final int HEADER_BYTES = 5;
    private static final int LENGTH_OFFSET = 3;

    /** Of TLS 1.2, which allows more than TLS 1.3. */
    private static final int MOST_BYTES = 16 * 1024 + 2048;

    private static final int CHANGE_CIPHER_SPEC = 20;
    private static final int APPLICATION_DATA = 23;
    private static final int MAJOR_VERSION = 3;

    private TlsRecord() {}

    /**
     * Whether bytes are the beginning of a record, whatever its type.
     *
     * @param firstBytes in the order in which they came: type, version, and a part of the length
     */
    public static boolean isBeginning(int firstBytes) {
        int type = firstBytes >>> 24;
        int majorVersion = firstBytes >>> 16 & 0xff;
        return type >= CHANGE_CIPHER_SPEC && type <= APPLICATION_DATA && majorVersion == MAJOR_VERSION;
    }

    /**
     * How many of the bytes that have come are records that have come whole. All of them, where something among them
     * can be none: who reads it shall say so.
     *
     * @param received from position to limit, the beginning of a record first
     */
    static int wholeBytes(ByteBuffer received) {
        int next = received.position();
        while (received.limit() - next >= HEADER_BYTES) {
            int length = received.getShort(next + LENGTH_OFFSET) & 0xffff;
            if (!isBeginning(received.getInt(next)) || length > MOST_BYTES) {
                return received.remaining();
            }
            if (received.limit() - next < HEADER_BYTES + length) {
                break;
            }
            next += HEADER_BYTES + length;
        }
        return next - received.position();
    }
}
