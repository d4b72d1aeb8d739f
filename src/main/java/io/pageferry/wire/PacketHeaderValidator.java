package io.pageferry.wire;

/** What must hold of the header that all packets share. Stateless: any thread. */
public final class PacketHeaderValidator {
    private PacketHeaderValidator() {}

    /**
     * Checks magic, version and flags.
     *
     * @throws WireException at the first field that is not allowed
     */
    public static void validate(PacketHeaderFlyweight packet, int channel) throws WireException {
        if (packet.magic() != Multifd.MAGIC) {
            throw new WireException(String.format(
                    "packet's magic must be 0x%08x: channel=%d magic=0x%08x", Multifd.MAGIC, channel, packet.magic()));
        }
        if (packet.version() != Multifd.VERSION) {
            throw new WireException(String.format(
                    "packet's version must be %d: channel=%d version=%s",
                    Multifd.VERSION, channel, Integer.toUnsignedString(packet.version())));
        }
        int flags = packet.flags();
        if (MultifdFlags.unknownBits(flags) != 0) {
            throw new WireException(String.format(
                    "packet must have known flags only: channel=%d flags=0x%x unknown=0x%x",
                    channel, flags, MultifdFlags.unknownBits(flags)));
        }
    }
}
