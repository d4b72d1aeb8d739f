package io.pageferry.checkpoint;

import io.pageferry.memory.BufferPool;
import io.pageferry.memory.GuestMemory;
import io.pageferry.memory.IoVector;
import io.pageferry.memory.LoadingPageSource;
import io.pageferry.memory.MemoryPageSink;
import io.pageferry.memory.MemoryPageSource;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.PageReader;
import io.pageferry.memory.PageSink;
import io.pageferry.memory.RamBlock;
import io.pageferry.memory.RamLayout;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceState;
import io.pageferry.stream.DeviceStateMemory;
import io.pageferry.stream.DeviceStateSink;
import io.pageferry.stream.DeviceStateSource;
import io.pageferry.stream.DeviceStateStore;
import io.pageferry.stream.HeapDeviceStateStore;
import io.pageferry.stream.MemoryGrowth;
import io.pageferry.stream.Section;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Optional;

/** A checkpoint in this process's memory. */
public final class MemoryCheckpointPlace implements CheckpointPlace {
    private InMemory current;
    private int begun;

    @Override
    public CheckpointWriter create() {
        return new Writer();
    }

    @Override
    public Optional<Checkpoint> open() {
        return Optional.ofNullable(current);
    }

    @Override
    public int leftovers() {
        return begun;
    }

    @Override
    public void close() {
        if (current != null) {
            current.memory.close();
        }
    }

    /** The kernel says which pages were touched only in steps of a huge page, so each is looked at. */
    private static PageBitmap notZero(GuestMemory memory, RamBlock block) {
        PageBitmap bitmap = new PageBitmap(block.pages());
        MemorySegment zeros = MemorySegment.ofArray(new byte[block.pageSizeBytes()]);
        for (long page = 0; page < block.pages(); page++) {
            MemorySegment content =
                    memory.region(block).segment().asSlice(page * block.pageSizeBytes(), block.pageSizeBytes());
            if (content.mismatch(zeros) >= 0) {
                bitmap.set(page);
            }
        }
        return bitmap;
    }

    private final class Writer implements CheckpointWriter {
        private final DeviceStateMemory besideRam = new DeviceStateMemory();
        private final DeviceStateStore behindRam = new HeapDeviceStateStore(MemoryGrowth.UNLIMITED);
        private Configuration configuration;
        private Section ram;
        private GuestMemory memory;
        private MemoryPageSink sink;
        private DeviceState deviceState;
        private boolean complete;

        @Override
        public PageSink begin(Configuration said, Section start, RamLayout layout) {
            begun++;
            configuration = said;
            ram = start;
            memory = new GuestMemory(layout);
            sink = new MemoryPageSink(memory);
            return sink;
        }

        @Override
        public DeviceStateSink deviceStateSink() {
            return besideRam;
        }

        @Override
        public DeviceStateStore deviceStateStore() {
            return behindRam;
        }

        @Override
        public long presentBytes() {
            return memory == null
                    ? 0
                    : memory.layout().blocks().stream()
                            .mapToLong(block -> notZero(memory, block).count() * block.pageSizeBytes())
                            .sum();
        }

        @Override
        public long bytesOnDisk() {
            return presentBytes();
        }

        @Override
        public void finish(DeviceState state) {
            sink.finish();
            deviceState = state;
        }

        @Override
        public void complete(CheckpointFacts facts) {
            MemoryCheckpointPlace.this.close();
            current = new InMemory(configuration, ram, memory, besideRam, deviceState, facts);
            complete = true;
            begun--;
        }

        @Override
        public void close() {
            if (!complete && memory != null) {
                begun--;
                memory.close();
            }
        }
    }

    private record InMemory(
            Configuration configuration,
            Section ramSection,
            GuestMemory memory,
            DeviceStateSource deviceStateBesideRam,
            DeviceState deviceState,
            CheckpointFacts facts)
            implements Checkpoint {
        @Override
        public PageState state(RamBlock block, long page) {
            if (present(block).isSet(page)) {
                return PageState.PRESENT;
            }
            return configuration.hasCapability(Configuration.IGNORE_SHARED)
                            && present(block).count() == 0
                    ? PageState.MISSING
                    : PageState.ZERO;
        }

        @Override
        public void read(RamBlock block, long offset, ByteBuffer into) throws IOException {
            Checkpoint.requirePages(block, offset, into.remaining());
            PageBatch batch = new PageBatch(0, 1);
            IoVector vector = new IoVector(1);
            int pageSize = block.pageSizeBytes();
            try (PageReader reader = openReader()) {
                for (int position = into.position(); position < into.limit(); position += pageSize) {
                    long page = (offset + position - into.position()) / pageSize;
                    ByteBuffer target = into.slice(position, pageSize);
                    if (present(block).isSet(page)) {
                        batch.begin(block);
                        batch.add(page * pageSize);
                        vector.clear();
                        vector.add(target);
                        reader.read(batch, vector);
                    } else {
                        MemorySegment.ofBuffer(target).fill((byte) 0);
                    }
                }
            }
            into.position(into.limit());
        }

        @Override
        public LoadingPageSource withBuffers(BufferPool buffers) {
            return new MemoryPageSource(memory);
        }

        @Override
        public RamLayout layout() {
            return memory.layout();
        }

        @Override
        public PageBitmap present(RamBlock block) {
            return notZero(memory, block);
        }

        @Override
        public PageReader openReader() {
            return new MemoryPageSource(memory).openReader();
        }

        @Override
        public void close() {
            // Its memory is the place's.
        }
    }
}
