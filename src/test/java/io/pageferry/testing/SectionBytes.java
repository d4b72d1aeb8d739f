package io.pageferry.testing;

/**
 * Sections of other devices than RAM, made by hand as QEMU has them, and a Proxmox one for which there is no QEMU here.
 */
public final class SectionBytes {
    public static final int START = 1;
    public static final int PART = 2;
    public static final int END = 3;
    public static final int FULL = 4;

    private SectionBytes() {}

    /** A START or FULL section, with its footer. */
    public static byte[] begun(int type, int id, String idstr, byte[] payload) {
        return new StreamBytes()
                .u8(type)
                .u32(id)
                .name(idstr)
                .u32(0)
                .u32(1)
                .raw(payload)
                .u8(0x7e)
                .u32(id)
                .toBytes();
    }

    /** A PART or END section, with its footer. */
    public static byte[] next(int type, int id, byte[] payload) {
        return new StreamBytes().u8(type).u32(id).raw(payload).u8(0x7e).u32(id).toBytes();
    }

    /** What Proxmox VE knows of the backups of a guest's disks. */
    public static byte[] pbsState(int id, int lengthBytes) {
        return begun(
                START,
                id,
                "pbs-state",
                new StreamBytes().u64(lengthBytes).raw(new byte[lengthBytes]).toBytes());
    }
}
