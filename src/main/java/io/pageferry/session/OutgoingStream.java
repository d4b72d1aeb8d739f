package io.pageferry.session;

import io.pageferry.checkpoint.Checkpoint;
import io.pageferry.config.GuestUuid;
import io.pageferry.config.MigrationParameters;
import io.pageferry.image.StreamFile;
import io.pageferry.memory.BufferPool;
import io.pageferry.memory.MemoryBudget.Kind;
import io.pageferry.send.BandwidthLimit;
import io.pageferry.send.OutgoingTransfer;
import io.pageferry.send.StreamSender;
import java.io.IOException;

/** Writes a checkpoint as a plain stream, into a file or a pipe, on the calling thread alone. */
public final class OutgoingStream extends Migration {
    /** Of pages that are there, and that are to be written. */
    private static final int BITMAPS = 2;

    private final Checkpoint checkpoint;
    private final StreamFile target;
    private final MigrationParameters parameters;

    private OutgoingStream(Checkpoint checkpoint, StreamFile target, MigrationParameters parameters) {
        super(0, MigrationMemory.ofOutgoing(parameters));
        this.checkpoint = checkpoint;
        this.target = target;
        this.parameters = parameters;
    }

    /**
     * Writes a checkpoint; both are their opener's to close.
     *
     * @param parameters without multifd
     */
    public static OutgoingStream of(Checkpoint checkpoint, StreamFile target, MigrationParameters parameters) {
        return new OutgoingStream(checkpoint, target, parameters);
    }

    @Override
    protected void migrate() throws IOException, InterruptedException {
        become(MigrationStatus.SETUP);
        long bitmap = MigrationMemory.bitmapBytes(checkpoint.layout().totalPages());
        share().take(Kind.HEAP, BITMAPS * bitmap, "bitmaps of a guest");
        try (BufferPool buffers = PacketBuffers.newPool(1)) {
            OutgoingTransfer transfer = new OutgoingTransfer(
                    new CheckpointGuest(checkpoint, buffers),
                    checkpoint.configuration().uuid().orElse(GuestUuid.NONE),
                    parameters,
                    new BandwidthLimit(parameters.maxBandwidth()),
                    progress().stats());
            become(MigrationStatus.ACTIVE);
            new StreamSender(transfer, target).send();
        }
        target.complete();
    }
}
