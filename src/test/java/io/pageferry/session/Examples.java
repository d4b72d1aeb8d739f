package io.pageferry.session;

import io.pageferry.checkpoint.Checkpoint;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.image.Image;
import io.pageferry.image.PendingImage;
import io.pageferry.memory.RamBlock;
import io.pageferry.net.Listener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The examples in the documentation, which are compiled and run with the tests. */
final class Examples {
    private Examples() {}

    /**
     * Takes a guest in.
     *
     * @param listening is told where
     */
    static MigrationOutcome receive(Path image, CompletableFuture<MigrationUri> listening) throws IOException {
        // @start region="receive"
        MigrationParameters parameters =
                MigrationParameters.builder().multifdChannels(4).build();
        MigrationUri uri = MigrationUri.parse("tcp:127.0.0.1:0"); // any free port
        MigrationOutcome outcome;
        try (Listener listener = Listener.open(uri, parameters.multifdChannels() + 1);
                CheckpointDestination destination =
                        CheckpointDestination.of(PendingImage.at(image, parameters.directIo()), parameters)) {
            listening.complete(listener.uri()); // the source may be told: migrate -d tcp:127.0.0.1:PORT
            outcome = IncomingMigration.from(listener, Optional.empty(), parameters, destination)
                    .run();
        }
        if (!outcome.completed()) {
            throw new IOException("guest has not come", outcome.failure().orElse(null));
        }
        // @end
        return outcome;
    }

    /** Sends a guest that lies in an image. */
    static MigrationOutcome send(Path image, MigrationUri destination) throws IOException {
        // @start region="send"
        MigrationParameters parameters =
                MigrationParameters.builder().multifdChannels(4).build();
        try (Checkpoint checkpoint = Image.open(image, 0, parameters.maxRam(), false)) {
            return OutgoingMigration.of(checkpoint, destination, Optional.empty(), parameters)
                    .run();
        }
        // @end
    }

    /** Looks into a checkpoint. */
    static String firstBytes(Path image, long maxRamBytes) throws IOException {
        // @start region="read"
        try (Checkpoint checkpoint = Image.open(image, 0, maxRamBytes, false)) {
            RamBlock block = checkpoint.layout().block(0);
            ByteBuffer page = ByteBuffer.allocateDirect(block.pageSizeBytes());
            checkpoint.read(block, 0, page);
            byte[] first = new byte[16];
            page.flip().get(first);
            return block.name() + ": " + checkpoint.present(block).count() + " pages of " + block.pages()
                    + " are there, the first begins with " + HexFormat.of().formatHex(first);
        }
        // @end
    }
}
