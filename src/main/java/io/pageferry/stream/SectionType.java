package io.pageferry.stream;

/** The byte that a section begins with: QEMU's {@code QEMU_VM_*}. */
public final class SectionType {
    /** {@code QEVM}: the stream's first four bytes. */
    public static final int FILE_MAGIC = 0x5145564d;

    public static final int FILE_VERSION = 3;

    public static final int EOF = 0x00;
    public static final int SECTION_START = 0x01;
    public static final int SECTION_PART = 0x02;
    public static final int SECTION_END = 0x03;
    public static final int SECTION_FULL = 0x04;
    public static final int SUBSECTION = 0x05;
    public static final int VMDESCRIPTION = 0x06;
    public static final int CONFIGURATION = 0x07;
    public static final int COMMAND = 0x08;
    public static final int SECTION_FOOTER = 0x7e;

    /** What is awaited between two sections. */
    public static final String WHAT = "section type";

    private SectionType() {}
}
