package io.pageferry.config;

import java.util.Locale;

/** What is done to page data on the wire: QEMU's parameter {@code multifd-compression}. */
public enum MultifdCompression {
    NONE,
    ZLIB,
    ZSTD,
    /** As Intel's In-Memory Analytics Accelerator does it. */
    QPL,
    /** As Kunpeng's accelerators do it. */
    UADK,
    /** As Intel's QuickAssist does it. */
    QATZIP;

    /** QEMU's word for it. */
    public String qemuName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
