package io.pageferry.stream;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A main stream read from its first byte to its last. */
final class MainStream {
    private static final long MAX_BYTES = 64L << 20;

    final List<Command> commands = new ArrayList<>();
    final RamRecorder records;
    final Configuration configuration;
    final long endOfRam;
    final DeviceState deviceState;
    Section ram;

    MainStream(StreamInput in, long maxRamBytes, boolean endsItself) throws IOException, InterruptedException {
        this(in, maxRamBytes, MAX_BYTES, endsItself);
    }

    MainStream(StreamInput in, long maxRamBytes, long maxOtherBytes, boolean endsItself)
            throws IOException, InterruptedException {
        MainStreamReader stream = new MainStreamReader(in);
        configuration = stream.readHeader();
        records = new RamRecorder(configuration.pageSizeBytes());
        RamSectionReader reader = new RamSectionReader(in, configuration.pageSizeBytes(), maxRamBytes, false);
        MainStreamReader.Handler handler = new MainStreamReader.Handler() {
            @Override
            public void command(Command command) {
                commands.add(command);
            }

            @Override
            public RamSectionHandler ramBegins(Section section) {
                return records;
            }
        };
        ram = stream.readUpToEndOfRam(reader, handler, maxOtherBytes, MemoryGrowth.UNLIMITED);
        endOfRam = in.position();
        deviceState = stream.readDeviceState(
                new HeapDeviceStateStore(MemoryGrowth.UNLIMITED), endsItself, MAX_BYTES, MemoryGrowth.UNLIMITED);
    }
}
