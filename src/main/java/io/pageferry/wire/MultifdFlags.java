package io.pageferry.wire;

/** The bits of a packet's flags field. */
public final class MultifdFlags {
    /** End of a round: the channel goes on only when the main channel has collected this from all of them. */
    public static final int SYNC = 1;

    /** Where the compression method stands; one bit a method, so that an unknown one is seen. */
    public static final int COMPRESSION_MASK = 0x3e;

    public static final int DEVICE_STATE = 0x40;

    private static final int KNOWN = SYNC | COMPRESSION_MASK | DEVICE_STATE;

    private MultifdFlags() {}

    public static boolean isSync(int flags) {
        return (flags & SYNC) != 0;
    }

    public static boolean isDeviceState(int flags) {
        return (flags & DEVICE_STATE) != 0;
    }

    /** The bits that no QEMU up to 10.0 has sent. */
    public static int unknownBits(int flags) {
        return flags & ~KNOWN;
    }
}
