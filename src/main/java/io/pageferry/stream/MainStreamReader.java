package io.pageferry.stream;

import java.io.IOException;

/**
 * Reads a main stream section by section, from its first byte to its last. Belongs to one thread.
 *
 * <p>What is of other devices than RAM, and stands before RAM's end, is kept as it came, and is the beginning of the
 * device state: a destination takes sections in any order, so that is where they may stand when it is sent on.
 */
public final class MainStreamReader {
    private final StreamInput in;
    private final OtherSections others = new OtherSections();

    private boolean footers = true; // of this stream's sections
    private boolean configured = true; // the guest's own streams, be this one or not
    private SectionRecord record;
    private Section ram;
    private boolean ramEnded;

    public MainStreamReader(StreamInput in) {
        this.in = in;
    }

    /** What is to be done with a stream up to the end of RAM. */
    public interface Handler {
        /** A command has come. */
        default void command(Command command) throws IOException {}

        /** What follows is of another device than RAM, and kept. */
        default void otherBegins() {}

        /** That was all of it for now. */
        default void otherEnds() {}

        /** The RAM section begins: what takes in its records, in this part and all others. Called once. */
        RamSectionHandler ramBegins(Section ram) throws IOException;

        /**
         * Whether the stream may be one of {@code background-snapshot}: that has no end of RAM, and its device sections
         * begin where another section stands that cannot be read.
         */
        default boolean mayBeBackgroundSnapshot() {
            return false;
        }
    }

    /**
     * Reads magic, version and the configuration section: {@linkplain Configuration#absent() absent} in streams of
     * machine types up to 2.3.
     */
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
        int type = in.peek("section type");
        if (type == SectionType.SECTION_START || type == SectionType.COMMAND) {
            footers = false;
            configured = false;
            return Configuration.absent();
        }
        if (type != SectionType.CONFIGURATION) {
            throw new StreamException("configuration section must come first: type=0x" + Integer.toHexString(type));
        }
        in.u8("section type");
        Configuration configuration = Configuration.read(in);
        configured = configuration.isPresent();
        return configuration;
    }

    /**
     * Reads up to the end of RAM.
     *
     * @param records reads those of the RAM section
     * @param maxBytes how much there may be of other devices
     * @param growth is asked before memory is taken for that
     * @return how the RAM section began
     */
    public Section readUpToEndOfRam(RamSectionReader records, Handler handler, long maxBytes, MemoryGrowth growth)
            throws IOException, InterruptedException {
        record = new SectionRecord(growth, maxBytes);
        RamSectionHandler pages = null;
        while (true) {
            in.record(record);
            int type = in.u8(SectionType.WHAT);
            switch (type) {
                case SectionType.COMMAND -> {
                    Command command = Command.read(in);
                    in.endRecord();
                    record.forget();
                    handler.command(command);
                }
                case SectionType.SECTION_START, SectionType.SECTION_FULL -> {
                    Section section = Section.read(in);
                    if (isRam(type, section)) {
                        endRecordOfRam();
                        requireFirst(section);
                        ram = section;
                        pages = handler.ramBegins(section);
                        readRecords(records, pages);
                    } else if (OtherSections.isKnown(type, section)) {
                        handler.otherBegins();
                        others.readStart(in, type, section);
                        endOther(section, handler);
                    } else if (pages != null && type == SectionType.SECTION_FULL && handler.mayBeBackgroundSnapshot()) {
                        in.endRecord();
                        record.keep();
                        return ram;
                    } else {
                        throw unknown(type, section);
                    }
                }
                case SectionType.SECTION_PART, SectionType.SECTION_END -> {
                    int id = in.u32("section id");
                    if (ram != null && id == ram.id()) {
                        endRecordOfRam();
                        readRecords(records, pages);
                        if (type == SectionType.SECTION_END) {
                            ramEnded = true;
                            return ram;
                        }
                    } else {
                        handler.otherBegins();
                        endOther(others.readNext(in, id), handler);
                    }
                }
                default ->
                    throw new StreamException("section type must be one that can stand before the end of RAM: type=0x"
                            + Integer.toHexString(type) + " position=" + in.position());
            }
        }
    }

    /** Whether this stream has a configuration section, once the header has been read. */
    public boolean hasConfiguration() {
        return footers;
    }

    /** Whether RAM's section has ended: one of a {@code background-snapshot} does not. */
    public boolean hasRamEnded() {
        return ramEnded;
    }

    /**
     * Reads what is behind RAM, to the end of the stream.
     *
     * @param store takes it as it comes
     * @param endsItself whether the source stays and waits for an answer, so that the end must be recognized
     * @param maxBytes the most that it may be
     * @param growth is asked before memory is taken
     */
    public DeviceState readDeviceState(DeviceStateStore store, boolean endsItself, long maxBytes, MemoryGrowth growth)
            throws IOException {
        DeviceState.Terms terms = new DeviceState.Terms(endsItself, configured, maxBytes, growth);
        return DeviceState.read(in, record.toBytes(), store, terms);
    }

    /** Whether something of other devices was kept, which the device state is to begin with. */
    public boolean hasOtherSections() {
        return !record.isEmpty();
    }

    private void endRecordOfRam() throws IOException {
        in.endRecord();
        record.forget();
    }

    private void endOther(Section section, Handler handler) throws IOException {
        readFooter(section);
        handler.otherEnds();
        in.endRecord();
        record.keep();
    }

    private void readRecords(RamSectionReader records, RamSectionHandler pages)
            throws IOException, InterruptedException {
        records.readRecords(pages);
        readFooter(ram);
    }

    private void readFooter(Section section) throws IOException {
        if (footers) {
            section.readFooter(in);
        }
    }

    private static boolean isRam(int type, Section section) {
        return type == SectionType.SECTION_START && section.idstr().equals(Section.RAM);
    }

    private void requireFirst(Section section) throws StreamException {
        if (ram != null) {
            throw new StreamException("RAM section must begin once: position=" + in.position());
        }
        if (section.versionId() != Section.RAM_VERSION) {
            throw new StreamException("RAM section's version must be " + Section.RAM_VERSION + ": version="
                    + Integer.toUnsignedString(section.versionId()));
        }
    }

    /** Other sections before RAM's end have a format of their own and no length, so nobody can read on behind them. */
    private static StreamException unknown(int type, Section section) {
        return new StreamException("section before the end of RAM must be one that can be read here"
                + advice(section.idstr()) + ": section=" + section.idstr() + " instance="
                + Integer.toUnsignedString(section.instanceId()) + " type=0x" + Integer.toHexString(type));
    }

    /** What a user can do so that a section does not come, or comes after RAM. */
    private static String advice(String idstr) {
        if (idstr.equals("block")) {
            return ", turn off block";
        }
        return idstr.endsWith("/vfio") ? ", unplug vfio devices" : "";
    }
}
