package io.pageferry.stream;

import java.io.IOException;

/** Reads a main stream section by section, up to the end of RAM. Belongs to one thread. */
public final class MainStreamReader {
    private final StreamInput in;

    public MainStreamReader(StreamInput in) {
        this.in = in;
    }

    /** Reads magic, version and the configuration section. */
    public Configuration readHeader() throws IOException {
        int magic = in.u32("stream's magic");
        if (magic != SectionType.FILE_MAGIC) {
            throw new StreamException(
                    String.format("stream's magic must be 0x%08x: magic=0x%08x", SectionType.FILE_MAGIC, magic));
        }
        int version = in.u32("stream's version");
        if (version != SectionType.FILE_VERSION) {
            throw new StreamException("stream's version must be " + SectionType.FILE_VERSION + ": version="
                    + Integer.toUnsignedString(version));
        }
        int type = in.u8("section type");
        if (type != SectionType.CONFIGURATION) {
            throw new StreamException("configuration section must come first: type=0x" + Integer.toHexString(type));
        }
        return Configuration.read(in);
    }

    /** Reads the byte that the next section begins with. */
    public int readSectionType() throws IOException {
        return in.u8("section type");
    }

    public Command readCommand() throws IOException {
        return Command.read(in);
    }

    /**
     * Reads the start of a START or FULL section, which must be that of RAM: other sections before RAM's end have a
     * format of their own and no length, so that who does not know them cannot read on.
     */
    public Section readRamStart(int type) throws IOException {
        Section section = Section.read(in);
        if (type != SectionType.SECTION_START || !section.idstr().equals(Section.RAM)) {
            throw new StreamException("section before the end of RAM must be one that can be read here"
                    + advice(section.idstr()) + ": section=" + section.idstr() + " instance="
                    + Integer.toUnsignedString(section.instanceId()) + " type=0x"
                    + Integer.toHexString(type));
        }
        if (section.versionId() != Section.RAM_VERSION) {
            throw new StreamException("RAM section's version must be " + Section.RAM_VERSION + ": version="
                    + Integer.toUnsignedString(section.versionId()));
        }
        return section;
    }

    /** What a user can do so that a section does not come, or comes after RAM. */
    private static String advice(String idstr) {
        if (idstr.equals("dirty-bitmap")) {
            return ", turn off dirty-bitmaps";
        }
        if (idstr.equals("block")) {
            return ", turn off block";
        }
        if (idstr.endsWith("virtio-mem-device-early")) {
            return ", set x-early-migration=off of the virtio-mem device";
        }
        return idstr.endsWith("/vfio") ? ", unplug vfio devices" : "";
    }

    /** Reads the id of a PART or END section, which must be RAM's. */
    public void readRamNext(Section ram) throws IOException {
        int id = in.u32("section id");
        if (ram == null || id != ram.id()) {
            throw new StreamException(
                    "section's part must belong to a section that was begun: id=" + Integer.toUnsignedString(id));
        }
    }

    /** What to throw at a section type that cannot stand where it was found. */
    public StreamException unexpectedSection(int type) {
        return new StreamException("section type must be one that can stand before the end of RAM: type=0x"
                + Integer.toHexString(type) + " position=" + in.position());
    }
}
