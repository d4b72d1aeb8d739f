package io.pageferry.stream;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A main stream read from its first byte to its last. */
final class MainStream {
    final List<Command> commands = new ArrayList<>();
    final List<String> sections = new ArrayList<>();
    final RamRecorder records;
    final Configuration configuration;
    final long endOfRam;
    final DeviceState deviceState;
    Section ram;

    MainStream(StreamInput in, long maxRamBytes, boolean endsItself) throws IOException, InterruptedException {
        MainStreamReader stream = new MainStreamReader(in);
        configuration = stream.readHeader();
        records = new RamRecorder(configuration.pageSizeBytes());
        RamSectionReader reader = new RamSectionReader(in, configuration.pageSizeBytes(), maxRamBytes, false);
        int type;
        do {
            type = stream.readSectionType();
            switch (type) {
                case SectionType.COMMAND -> commands.add(stream.readCommand());
                case SectionType.SECTION_START, SectionType.SECTION_FULL -> {
                    ram = stream.readRamStart(type);
                    readSection(in, reader, "start");
                }
                case SectionType.SECTION_PART, SectionType.SECTION_END -> {
                    stream.readRamNext(ram);
                    readSection(in, reader, type == SectionType.SECTION_END ? "end" : "part");
                }
                default -> throw stream.unexpectedSection(type);
            }
        } while (type != SectionType.SECTION_END);
        endOfRam = in.position();
        deviceState = DeviceState.read(in, endsItself);
    }

    private void readSection(StreamInput in, RamSectionReader reader, String name)
            throws IOException, InterruptedException {
        sections.add(name);
        reader.readRecords(records);
        ram.readFooter(in);
    }
}
