package io.pageferry.session;

import io.pageferry.memory.GuestMemory;
import io.pageferry.memory.MemoryPageSink;
import io.pageferry.memory.PageSink;
import io.pageferry.memory.RamLayout;
import io.pageferry.memory.WarmMemory;
import io.pageferry.receive.ReceivedGuest;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceStateMemory;
import io.pageferry.stream.DeviceStateSink;
import io.pageferry.stream.DeviceStateSource;
import io.pageferry.stream.Section;

/** Takes a guest into memory of this process, where it stays until the destination is closed. */
public final class MemoryDestination implements Destination {
    private final WarmMemory warm;
    private GuestMemory memory;
    private MemoryPageSink sink;
    private final DeviceStateMemory deviceState = new DeviceStateMemory();
    private ReceivedGuest guest;

    /** One with fresh memory. */
    public MemoryDestination() {
        this(null);
    }

    /** One with memory that others have let go of, where there is some; when it is closed its own is left to others. */
    public MemoryDestination(WarmMemory warm) {
        this.warm = warm;
        GuestMemory.prepare();
    }

    @Override
    public PageSink open(Configuration configuration, Section ram, RamLayout layout) {
        memory = new GuestMemory(layout, warm);
        sink = new MemoryPageSink(memory);
        return sink;
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
        sink.finish();
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
