package io.pageferry.wire;

/** What must hold of a device-state packet, before a byte of its data is read. Stateless: any thread. */
public final class DeviceStatePacketValidator {
    /** The largest piece of state that is taken in one packet. QEMU's vfio sends pieces of 1 MiB. */
    public static final int MAX_DATA_BYTES = 16 * 1024 * 1024;

    private DeviceStatePacketValidator() {}

    /**
     * Checks a packet whose common header was checked already.
     *
     * @throws WireException at the first field that is not allowed
     */
    public static void validate(DeviceStatePacketFlyweight packet, int channel) throws WireException {
        if (MultifdFlags.isSync(packet.flags())) {
            throw new WireException(String.format(
                    "device-state packet must not be a SYNC: channel=%d flags=0x%x", channel, packet.flags()));
        }
        if ((packet.flags() & MultifdFlags.COMPRESSION_MASK) != 0) {
            throw new WireException(String.format(
                    "device-state packet must not be compressed: channel=%d compression=%s flags=0x%x",
                    channel, CompressionMethod.describe(packet.flags()), packet.flags()));
        }
        int nameLength = packet.idstrLength();
        if (nameLength == Multifd.IDSTR_BYTES) {
            throw new WireException(String.format(
                    "device-state packet's idstr must end with a NUL: channel=%d idstr=%s...",
                    channel, packet.shownIdstr()));
        }
        if (nameLength == 0) {
            throw new WireException(String.format(
                    "device-state packet must name its device: channel=%d instance=%s",
                    channel, Integer.toUnsignedString(packet.instanceId())));
        }
        if (!packet.isIdstrPrintable()) {
            throw new WireException(String.format(
                    "device-state packet's idstr must be printable ASCII: channel=%d idstr=%s",
                    channel, packet.shownIdstr()));
        }
        int length = packet.nextPacketSize();
        if (length == 0) {
            throw new WireException(String.format(
                    "device-state packet must have data: channel=%d device=%s", channel, packet.shownIdstr()));
        }
        if (Integer.compareUnsigned(length, MAX_DATA_BYTES) > 0) {
            throw new WireException(String.format(
                    "device-state packet's data must be %d bytes at the most: channel=%d device=%s length=%s",
                    MAX_DATA_BYTES, channel, packet.shownIdstr(), Integer.toUnsignedString(length)));
        }
    }
}
