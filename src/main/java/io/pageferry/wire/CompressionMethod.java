package io.pageferry.wire;

import java.util.Locale;

/** What may be done to page data on its way: QEMU's {@code multifd-compression} with each method's bits on the wire. */
public enum CompressionMethod {
    NONE(0),
    ZLIB(0x02),
    ZSTD(0x04),
    QPL(0x08),
    UADK(0x10),
    QATZIP(0x20);

    private final int flags;

    CompressionMethod(int flags) {
        this.flags = flags;
    }

    /** The method's bits in a packet's flags. */
    public int flags() {
        return flags;
    }

    /** QEMU's word for it. */
    public String qemuName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Names what the flags of a packet ask for; several methods at once are none that anybody knows. */
    public static String describe(int packetFlags) {
        int bits = packetFlags & MultifdFlags.COMPRESSION_MASK;
        for (CompressionMethod method : values()) {
            if (method.flags == bits) {
                return method.qemuName();
            }
        }
        return "unknown";
    }
}
