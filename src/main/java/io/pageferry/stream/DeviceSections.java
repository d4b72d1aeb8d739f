package io.pageferry.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The device sections of a stream, walked with the help of its vmdescription: only that says how long each is. Used
 * once.
 */
final class DeviceSections {
    private static final int FOOTER_BYTES = 1 + Integer.BYTES;

    private final ByteBuffer bytes;
    private final int footerBytes;
    private final OtherSections others = new OtherSections();

    /**
     * Takes a guest's device state.
     *
     * @param footers whether each section ends with one
     */
    DeviceSections(ByteBuffer bytes, boolean footers) {
        this.bytes = bytes;
        this.footerBytes = footers ? FOOTER_BYTES : 0;
    }

    void requireAsDescribed(VmDescription description) throws IOException {
        for (VmDescription.Device device : description.devices()) {
            skipOthers();
            int id = requireStart(device);
            if (device.stateBytes() < 0 || device.stateBytes() > bytes.remaining() - footerBytes) {
                throw differs(device, "end behind it", bytes.position() + device.stateBytes());
            }
            bytes.position(bytes.position() + (int) device.stateBytes());
            int footer = bytes.position();
            if (footerBytes > 0 && (bytes.get() != SectionType.SECTION_FOOTER || bytes.getInt() != id)) {
                throw differs(device, "end with its footer", footer);
            }
        }
        skipOthers();
        if (!bytes.hasRemaining() || bytes.get(bytes.position()) != SectionType.EOF) {
            throw new StreamException("device sections must be those of the vmdescription, and no others: devices="
                    + description.devices().size() + " position=" + bytes.position());
        }
    }

    /** Sections in several parts are in no vmdescription: each is read by what is known of it. */
    private void skipOthers() throws IOException {
        while (bytes.hasRemaining() && isPart(bytes.get(bytes.position()))) {
            ByteBuffer left = bytes.slice();
            StreamInput in = new StreamInput((into, what) -> {
                int length = Math.min(into.remaining(), left.remaining());
                into.put(left.slice(left.position(), length));
                left.position(left.position() + length);
                return length > 0 ? length : -1;
            });
            int type = in.u8("section type");
            Section section;
            if (type == SectionType.SECTION_START) {
                section = Section.read(in);
                if (!OtherSections.isKnown(type, section)) {
                    return;
                }
                others.readStart(in, type, section);
            } else {
                section = others.readNext(in, in.u32("section id"));
            }
            if (footerBytes > 0) {
                section.readFooter(in);
            }
            bytes.position(bytes.position() + (int) in.position());
        }
    }

    private static boolean isPart(int type) {
        return type == SectionType.SECTION_START || type == SectionType.SECTION_PART || type == SectionType.SECTION_END;
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
