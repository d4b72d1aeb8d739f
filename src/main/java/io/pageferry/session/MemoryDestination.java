package io.pageferry.session;

import io.pageferry.memory.GuestMemory;
import io.pageferry.memory.MemoryPageSink;
import io.pageferry.memory.PageSink;
import io.pageferry.memory.RamLayout;
import io.pageferry.receive.ReceivedGuest;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceStateSink;
import io.pageferry.stream.DeviceStateSource;
import io.pageferry.stream.Section;

/** Takes a guest into memory of this process, where it stays until the destination is closed. */
public final class MemoryDestination implements Destination {
    private GuestMemory memory;
    private final DeviceStateMemory deviceState = new DeviceStateMemory();
    private ReceivedGuest guest;

    @Override
    public PageSink open(Configuration configuration, Section ram, RamLayout layout) {
        memory = new GuestMemory(layout);
        return new MemoryPageSink(memory);
    }

    @Override
    public DeviceStateSink deviceStateSink() {
        return deviceState;
    }

    /** Device state that came beside RAM. */
    public DeviceStateSource deviceState() {
        return deviceState;
    }

    @Override
    public void complete(ReceivedGuest received) {
        guest = received;
    }

    /** The guest's memory, once the migration has completed. */
    public GuestMemory memory() {
        return memory;
    }

    public ReceivedGuest guest() {
        return guest;
    }

    @Override
    public void close() {
        if (memory != null) {
            memory.close();
        }
    }
}
