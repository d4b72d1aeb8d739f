package io.pageferry.net;

/** The little of TLS's record layer that is looked at here: how a record begins. */
public final class TlsRecord {
    /** As many as tell a record from a migration's beginning. */
    static final int FIRST_BYTES = 4;

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
}
