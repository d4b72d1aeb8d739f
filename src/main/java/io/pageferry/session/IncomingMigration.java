package io.pageferry.session;

import io.pageferry.checkpoint.Checkpoint;
import io.pageferry.config.MigrationParameters;
import io.pageferry.memory.MemoryBudget.Kind;
import io.pageferry.net.ConnectionSource;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;

/** Takes one guest in and hands it to its {@link Destination}, which its maker closes. */
public abstract sealed class IncomingMigration extends Migration
        permits SocketIncomingMigration, CheckpointIncomingMigration {
    final MigrationParameters parameters;
    final Destination destination;

    IncomingMigration(MigrationParameters parameters, Destination destination, MigrationMemory memory) {
        super(parameters.multifdChannels(), memory);
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

    final void takeHeap(long bytes) throws IOException {
        share().take(Kind.HEAP, bytes, "bitmaps and device state of a guest");
    }
}
