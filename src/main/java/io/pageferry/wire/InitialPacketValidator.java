package io.pageferry.wire;

import java.util.UUID;

/** What must hold of an initial packet. Stateless: any thread. */
public final class InitialPacketValidator {
    private InitialPacketValidator() {}

    /**
     * Checks a packet.
     *
     * @param channels how many multifd channels were agreed on; ids run from 0 to one below it
     * @param expectedUuid the guest's uuid; the packet's own where any guest is welcome
     * @throws WireException at the first field that is not allowed
     */
    public static void validate(InitialPacketFlyweight packet, int channels, UUID expectedUuid) throws WireException {
        if (packet.magic() != Multifd.MAGIC) {
            throw new WireException(String.format(
                    "initial packet's magic must be 0x%08x: magic=0x%08x", Multifd.MAGIC, packet.magic()));
        }
        int id = packet.channelId();
        if (packet.version() != Multifd.VERSION) {
            throw new WireException(String.format(
                    "initial packet's version must be %d: channel=%d version=%s",
                    Multifd.VERSION, id, Integer.toUnsignedString(packet.version())));
        }
        if (!expectedUuid.equals(packet.uuid())) {
            throw new WireException(String.format(
                    "initial packet must be of this guest: channel=%d uuid=%s expected=%s",
                    id, packet.uuid(), expectedUuid));
        }
        if (id >= channels) {
            throw new WireException(String.format(
                    "channel id must be below multifd-channels, set it as the source has it: channel=%d"
                            + " multifd-channels=%d",
                    id, channels));
        }
    }
}
