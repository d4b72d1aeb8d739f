package io.pageferry.stream;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The device sections of a stream, walked with the help of its vmdescription: only that says how long each is. Used
 * once.
 */
final class DeviceSections {
    private static final int FOOTER_BYTES = 1 + Integer.BYTES;

    private final ByteBuffer bytes;

    /** Takes what is behind RAM's end. */
    DeviceSections(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    void requireAsDescribed(VmDescription description) throws StreamException {
        for (VmDescription.Device device : description.devices()) {
            int id = requireStart(device);
            if (device.stateBytes() < 0 || device.stateBytes() > bytes.remaining() - FOOTER_BYTES) {
                throw differs(device, "end behind it", bytes.position() + device.stateBytes());
            }
            bytes.position(bytes.position() + (int) device.stateBytes());
            int footer = bytes.position();
            if (bytes.get() != SectionType.SECTION_FOOTER || bytes.getInt() != id) {
                throw differs(device, "end with its footer", footer);
            }
        }
        if (!bytes.hasRemaining() || bytes.get(bytes.position()) != SectionType.EOF) {
            throw new StreamException("device sections must be those of the vmdescription, and no others: devices="
                    + description.devices().size() + " position=" + bytes.position());
        }
    }

    private int requireStart(VmDescription.Device device) throws StreamException {
        byte[] name = device.name().getBytes(StandardCharsets.UTF_8);
        int start = bytes.position();
        int startBytes = 1 + Integer.BYTES + 1 + name.length + 2 * Integer.BYTES;
        if (bytes.remaining() < startBytes || bytes.get() != SectionType.SECTION_FULL) {
            throw differs(device, "begin", start);
        }
        int id = bytes.getInt();
        boolean same = Byte.toUnsignedInt(bytes.get()) == name.length
                && bytes.slice(bytes.position(), name.length).equals(ByteBuffer.wrap(name));
        bytes.position(start + startBytes - 2 * Integer.BYTES);
        if (!same
                || Integer.toUnsignedLong(bytes.getInt()) != device.instanceId()
                || !isVersion(device, Integer.toUnsignedLong(bytes.getInt()))) {
            throw differs(device, "have its name, instance and version", start);
        }
        return id;
    }

    /** QEMU does not describe the version of devices that it saves in the old style, such as slirp. */
    private static boolean isVersion(VmDescription.Device device, long version) {
        return device.versionId() == 0 || device.versionId() == version;
    }

    private static StreamException differs(VmDescription.Device device, String what, long position) {
        return new StreamException("device's section must " + what + " where the vmdescription says: device="
                + device.name() + " instance=" + device.instanceId() + " position=" + position);
    }
}
