package io.pageferry.stream;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The device sections of a stream, walked with the help of its vmdescription: only that says how long each is. Used
 * once.
 */
final class DeviceSections {
    private static final int FOOTER_BYTES = 1 + Integer.BYTES;

    private final StreamInput in;
    private final long lengthBytes;
    private final int footerBytes;
    private final OtherSections others = new OtherSections();

    /**
     * Takes a guest's device state.
     *
     * @param in all of it
     * @param footers whether each section ends with one
     */
    DeviceSections(StreamInput in, long lengthBytes, boolean footers) {
        this.in = in;
        this.lengthBytes = lengthBytes;
        this.footerBytes = footers ? FOOTER_BYTES : 0;
    }

    void requireAsDescribed(VmDescription description) throws IOException {
        for (VmDescription.Device device : description.devices()) {
            long start = skipOthers();
            int id = requireStart(device, start);
            if (device.stateBytes() < 0 || device.stateBytes() > lengthBytes - in.position() - footerBytes) {
                throw differs(device, "end behind it", in.position() + device.stateBytes());
            }
            in.skip(device.stateBytes(), "device's state");
            long footer = in.position();
            if (footerBytes > 0 && (in.u8("footer") != SectionType.SECTION_FOOTER || in.u32("footer") != id)) {
                throw differs(device, "end with its footer", footer);
            }
        }
        long end = skipOthers();
        if (end != in.position() || !isEnd()) {
            throw new StreamException("device sections must be those of the vmdescription, and no others: devices="
                    + description.devices().size() + " position=" + end);
        }
    }

    /** Whether EOF follows, and a vmdescription that is all of the rest. */
    private boolean isEnd() throws IOException {
        return lengthBytes - in.position() >= DeviceState.DESCRIPTION_HEADER_BYTES
                && in.u8("EOF") == SectionType.EOF
                && in.u8("vmdescription") == SectionType.VMDESCRIPTION
                && Integer.toUnsignedLong(in.u32("vmdescription's length")) == lengthBytes - in.position();
    }

    /**
     * Sections in several parts are in no vmdescription: each is read by what is known of it.
     *
     * @return where the next section begins; more was read where that is one in parts, and none of these
     */
    private long skipOthers() throws IOException {
        while (!in.isAtEnd("section type") && isPart(in.peek("section type"))) {
            long start = in.position();
            int type = in.u8("section type");
            Section section;
            if (type == SectionType.SECTION_START) {
                section = Section.read(in);
                if (!OtherSections.isKnown(type, section)) {
                    return start;
                }
                others.readStart(in, type, section);
            } else {
                section = others.readNext(in, in.u32("section id"));
            }
            if (footerBytes > 0) {
                section.readFooter(in);
            }
        }
        return in.position();
    }

    private static boolean isPart(int type) {
        return type == SectionType.SECTION_START || type == SectionType.SECTION_PART || type == SectionType.SECTION_END;
    }

    private int requireStart(VmDescription.Device device, long start) throws IOException {
        byte[] name = device.name().getBytes(StandardCharsets.UTF_8);
        int startBytes = 1 + Integer.BYTES + 1 + name.length + 2 * Integer.BYTES;
        if (in.position() != start
                || lengthBytes - start < startBytes
                || in.u8("section type") != SectionType.SECTION_FULL) {
            throw differs(device, "begin", start);
        }
        int id = in.u32("section id");
        boolean same = in.u8("length of a device's name") == name.length
                && Arrays.equals(in.bytes(name.length, "device's name"), name);
        if (!same
                || Integer.toUnsignedLong(in.u32("device's instance")) != device.instanceId()
                || !isVersion(device, Integer.toUnsignedLong(in.u32("device's version")))) {
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
