package io.pageferry.config;

/** Who looks for zero pages and how they are sent: QEMU's parameter {@code zero-page-detection}. */
public enum ZeroPageDetection {
    /** Nobody: every page is sent as it is. */
    NONE,
    /** The main thread; zero pages go through the main channel. All that QEMU before 9.0 understands. */
    LEGACY,
    /** The multifd channels; zero pages are listed in their packets. */
    MULTIFD;

    /** QEMU's word for it. */
    public String qemuName() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
