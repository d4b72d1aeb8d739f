package io.pageferry.config;

import java.util.Locale;

/** What is done to page data on the wire: QEMU's parameter {@code multifd-compression}. */
public enum MultifdCompression {
    NONE,
    ZLIB,
    ZSTD,
    /** Intel's accelerators. */
    QPL,
    /** Kunpeng's. */
    UADK,
    QATZIP;

    /** QEMU's word for it. */
    public String qemuName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
