package io.pageferry.stream;

import java.io.IOException;

/**
 * How a section begins: QEMU's {@code SaveStateEntry} as the wire names it.
 *
 * @param id what later parts of the section refer to
 * @param idstr whose state it is, such as {@code ram}
 * @param instanceId which one, where there are several
 * @param versionId version of the payload
 */
public record Section(int id, String idstr, int instanceId, int versionId) {
    /** What is awaited at a section's end. */
    public static final String FOOTER = "section footer";

    public static final String RAM = "ram";

    /** The only version of the RAM section there has been since 2009. */
    public static final int RAM_VERSION = 4;

    /** Reads the start of a START or FULL section after its type byte. */
    static Section read(StreamInput in) throws IOException {
        return new Section(
                in.u32("section id"),
                in.countedString("section's idstr"),
                in.u32("section's instance id"),
                in.u32("section's version"));
    }

    /** Writes the start of a START or FULL section with its type byte. */
    public void writeStart(StreamOutput out, int type) throws IOException {
        out.u8(type).u32(id).countedString(idstr).u32(instanceId).u32(versionId);
    }

    /** Writes the start of a PART or END section. */
    public void writeNext(StreamOutput out, int type) throws IOException {
        out.u8(type).u32(id);
    }

    public void writeFooter(StreamOutput out) throws IOException {
        out.u8(SectionType.SECTION_FOOTER).u32(id);
    }

    /** Reads the footer that each section but a device's of unknown length must end with here. */
    public void readFooter(StreamInput in) throws IOException {
        int type = in.u8(FOOTER);
        int footerId = type == SectionType.SECTION_FOOTER ? in.u32(FOOTER) : 0;
        if (type != SectionType.SECTION_FOOTER || footerId != id) {
            throw new StreamException("section must end with its footer: section=" + idstr + " id=" + id + " type=0x"
                    + Integer.toHexString(type) + " footerId=" + footerId + " position=" + in.position());
        }
    }
}
