package io.pageferry.wire;

import java.nio.ByteOrder;

/** Constants that all packets share. */
public final class Multifd {
    /** First four bytes of each packet, the initial one included. */
    public static final int MAGIC = 0x11223344;

    public static final int VERSION = 1;

    /** First four bytes of a main channel: {@code QEVM}. What tells the two kinds of connection apart. */
    public static final int MAIN_CHANNEL_MAGIC = 0x5145564d;

    /** Page data in a packet at the most, uncompressed; the number of slots of the offset array follows from it. */
    public static final int PACKET_DATA_BYTES = 512 * 1024;

    /** Compressed page data in a packet at the most: QEMU's receivers have twice the room of what is packed. */
    public static final int MAX_COMPRESSED_BYTES = 2 * PACKET_DATA_BYTES;

    /** The longest name of a RAM block or device, its terminating NUL included. */
    public static final int IDSTR_BYTES = 256;

    public static final ByteOrder BYTE_ORDER = ByteOrder.BIG_ENDIAN;

    private Multifd() {}
}
