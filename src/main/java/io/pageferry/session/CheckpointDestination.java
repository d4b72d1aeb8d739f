package io.pageferry.session;

import io.pageferry.checkpoint.CheckpointFacts;
import io.pageferry.checkpoint.CheckpointTarget;
import io.pageferry.checkpoint.CheckpointWriter;
import io.pageferry.config.MigrationParameters;
import io.pageferry.memory.BufferPool;
import io.pageferry.memory.PageSink;
import io.pageferry.memory.RamLayout;
import io.pageferry.receive.ReceivedGuest;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceStateSink;
import io.pageferry.stream.DeviceStateStore;
import io.pageferry.stream.MemoryGrowth;
import io.pageferry.stream.Section;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/** Keeps a guest as a checkpoint, which is found when it is complete and on disk. */
public final class CheckpointDestination implements Destination {
    private final CheckpointWriter writer;
    private final BufferPool buffers;
    private CheckpointFacts facts = CheckpointFacts.NONE; // the migration's main thread's

    private CheckpointDestination(CheckpointWriter writer, BufferPool buffers) {
        this.writer = writer;
        this.buffers = buffers;
    }

    /**
     * Makes sure that there can be a checkpoint, before anybody sends one.
     *
     * @param target where it is kept
     * @param parameters {@code multifd-channels} counts
     */
    public static CheckpointDestination of(CheckpointTarget target, MigrationParameters parameters) throws IOException {
        BufferPool buffers = PacketBuffers.newPool(parameters.multifdChannels());
        try {
            return new CheckpointDestination(target.create(buffers), buffers);
        } catch (Throwable e) {
            buffers.close();
            throw e;
        }
    }

    @Override
    public void guestIs(Optional<UUID> uuid, Optional<String> source) throws IOException {
        facts = CheckpointFacts.of(uuid, source);
    }

    @Override
    public PageSink open(Configuration configuration, Section ram, RamLayout layout) throws IOException {
        return writer.begin(configuration, ram, layout);
    }

    /** How much of the guest's RAM has come and is not zero. For any thread. */
    public long presentBytes() {
        return writer.presentBytes();
    }

    /** How much room it takes by now where it is kept. For any thread. */
    public long bytesOnDisk() {
        return writer.bytesOnDisk();
    }

    @Override
    public DeviceStateSink deviceStateSink() {
        return writer.deviceStateSink();
    }

    @Override
    public DeviceStateStore deviceStateStore(MemoryGrowth heap) throws IOException {
        return writer.deviceStateStore();
    }

    @Override
    public void complete(ReceivedGuest guest) throws IOException {
        finish(guest);
        publish(facts.withDialect(guest.dialect()).withCompleted(Instant.now()));
    }

    /** Has everything of the guest on disk, where nobody finds it yet. */
    public void finish(ReceivedGuest guest) throws IOException {
        writer.finish(guest.deviceState());
    }

    /** Has a finished guest found. */
    public void publish(CheckpointFacts known) throws IOException {
        writer.complete(known);
    }

    @Override
    public void close() throws IOException {
        try {
            writer.close();
        } finally {
            buffers.close();
        }
    }
}
