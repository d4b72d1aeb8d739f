package io.pageferry.qemu;

import java.nio.file.Path;

/** The processors that QEMU is here for. */
public enum QemuTarget {
    X86_64("qemu-system-x86_64"),
    /** Says its page size in the stream, as long as it is not the smallest that ARM has. */
    AARCH64("qemu-system-aarch64"),
    /** Has pages of 8 KiB, and says so nowhere. */
    SPARC64("qemu-system-sparc64"),
    /** Its pseries has a section for the guest's page table. QEMU 10.0 only. */
    PPC64("qemu-system-ppc64", "10.0-ppc-s390x"),
    /** Has a section for what its pages are used for. QEMU 10.0 only. */
    S390X("qemu-system-s390x", "10.0-ppc-s390x");

    private final String command;
    private final String folder; // empty for that of each version

    QemuTarget(String command) {
        this(command, "");
    }

    QemuTarget(String command, String folder) {
        this.command = command;
        this.folder = folder;
    }

    String command() {
        return command;
    }

    /** Where the QEMU of a version is for it. */
    Path in(Path installation, QemuVersion version) {
        return installation
                .resolve(folder.isEmpty() ? version.number() : folder)
                .resolve("bin")
                .resolve(command);
    }
}
