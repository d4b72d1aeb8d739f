package io.pageferry.codec;

/** What stands around a deflate stream (RFC 1951). */
enum DeflateFormat {
    /** Nothing. */
    RAW(0),
    /** A header of two bytes, and the Adler-32 of what is in it (RFC 1950). */
    ZLIB(3);

    private final short isalFlag;

    DeflateFormat(int isalFlag) {
        this.isalFlag = (short) isalFlag;
    }

    /** What {@link Isal} calls it. */
    short isalFlag() {
        return isalFlag;
    }
}
