package io.pageferry.stream;

import io.pageferry.wire.DeviceStatePacketFlyweight;
import io.pageferry.wire.DeviceStatePacketValidator;
import io.pageferry.wire.PacketHeaderValidator;
import io.pageferry.wire.WireException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A piece of a device's state that goes beside RAM, in a packet of its own on a multifd channel: what the packet says
 * of it. What is in it, and in which order pieces belong, only the device knows.
 *
 * @param idstr the device's name, as that of its section
 * @param instanceId which one, where there are several of that name
 * @param lengthBytes how many bytes of data there are, at least one
 */
public record DeviceStatePiece(String idstr, int instanceId, int lengthBytes) {
    /** What stands in front of the data, on a wire and in an image alike. */
    public static final int HEADER_BYTES = DeviceStatePacketFlyweight.LENGTH;

    private static final int NO_CHANNEL = -1;

    /** Takes what a validated packet says. */
    public static DeviceStatePiece of(DeviceStatePacketFlyweight packet) {
        return new DeviceStatePiece(packet.idstr(), packet.instanceId(), packet.nextPacketSize());
    }

    /** Reads and checks a packet that was kept; its data follows. */
    public static DeviceStatePiece read(ByteBuffer bytes, long position) throws IOException {
        DeviceStatePacketFlyweight packet = new DeviceStatePacketFlyweight().wrap(new UnsafeBuffer(bytes), 0);
        try {
            PacketHeaderValidator.validate(packet, NO_CHANNEL);
            DeviceStatePacketValidator.validate(packet, NO_CHANNEL);
        } catch (WireException e) {
            throw new StreamException("device state that was kept must be packets as on a wire: position=0x"
                    + Long.toHexString(position) + " reason=\"" + e.getMessage() + "\"");
        }
        return of(packet);
    }

    /** Writes the packet that the data follows. */
    public void write(ByteBuffer into) {
        new DeviceStatePacketFlyweight().wrap(new UnsafeBuffer(into), 0).fill(idstr, instanceId, lengthBytes);
    }

    /** The piece with all that stands in front of it. */
    public long totalBytes() {
        return (long) HEADER_BYTES + lengthBytes;
    }

    /** Which device it is of, for people. */
    public String device() {
        return instanceId == 0 ? idstr : idstr + " #" + Integer.toUnsignedString(instanceId);
    }
}
