package io.pageferry.session;

import io.pageferry.checkpoint.Checkpoint;
import io.pageferry.config.MigrationParameters;
import io.pageferry.image.StreamSource;
import io.pageferry.memory.MemoryBudget.Kind;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.net.ConnectionSource;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;

/** Takes one guest in and hands it to its {@link Destination}, which its maker closes. */
public abstract sealed class IncomingMigration extends Migration
        permits SocketIncomingMigration, CheckpointIncomingMigration, StreamIncomingMigration {
    final MigrationParameters parameters;
    final Destination destination;

    IncomingMigration(MigrationParameters parameters, Destination destination, MigrationMemory memory) {
        this(parameters, destination, parameters.multifdChannels(), memory);
    }

    IncomingMigration(MigrationParameters parameters, Destination destination, int channels, MigrationMemory memory) {
        super(channels, memory);
        this.parameters = parameters;
        this.destination = destination;
    }

    IncomingMigration(
            MigrationParameters parameters, Destination destination, MigrationMemory memory, MigrationStats stats) {
        super(parameters.multifdChannels(), memory, stats);
        this.parameters = parameters;
        this.destination = destination;
    }

    /**
     * A migration whose connections come from a source, which is closed when it has ended.
     *
     * @param uuid the guest's; empty where any is welcome
     */
    public static IncomingMigration from(
            ConnectionSource source, Optional<UUID> uuid, MigrationParameters parameters, Destination destination) {
        return new SocketIncomingMigration(source, uuid, parameters, destination);
    }

    /** A migration that comes from a checkpoint, which is closed when it has ended. */
    public static IncomingMigration from(
            Checkpoint checkpoint, MigrationParameters parameters, Destination destination) {
        return new CheckpointIncomingMigration(checkpoint, parameters, destination);
    }

    /** A migration that comes as a plain stream from a file or a pipe, which is closed when it has ended. */
    public static IncomingMigration from(StreamSource source, MigrationParameters parameters, Destination destination) {
        return new StreamIncomingMigration(source, parameters, destination);
    }

    final void takeHeap(long bytes) throws IOException {
        share().take(Kind.HEAP, bytes, "bitmaps and device state of a guest");
    }
}
