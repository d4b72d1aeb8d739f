package io.pageferry.stream;

/** The flags in the low bits of a RAM record's address: QEMU's {@code RAM_SAVE_FLAG_*}. */
public final class RamFlags {
    public static final int ZERO = 0x02;
    public static final int MEM_SIZE = 0x04;
    public static final int PAGE = 0x08;
    public static final int EOS = 0x10;

    /** The record is of the block that the last one that named a block named. */
    public static final int CONTINUE = 0x20;

    public static final int XBZRLE = 0x40;
    public static final int HOOK = 0x80;

    /** QEMU up to 9.0: the capability {@code compress}. */
    public static final int COMPRESS = 0x100;

    /** All channels have sent a SYNC packet, and it is to be waited for here. */
    public static final int MULTIFD_FLUSH = 0x200;

    private RamFlags() {}
}
