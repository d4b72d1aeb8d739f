package io.pageferry.qemu;

/** The processors that QEMU is here for. */
public enum QemuTarget {
    X86_64("qemu-system-x86_64"),
    /** Says its page size in the stream, as long as it is not the smallest that ARM has. */
    AARCH64("qemu-system-aarch64"),
    /** Has pages of 8 KiB, and says so nowhere. */
    SPARC64("qemu-system-sparc64");

    private final String command;

    QemuTarget(String command) {
        this.command = command;
    }

    /** The name of its QEMU. */
    String command() {
        return command;
    }
}
