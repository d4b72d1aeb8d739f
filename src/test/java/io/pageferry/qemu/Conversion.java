package io.pageferry.qemu;

import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.image.Image;
import io.pageferry.image.ImageAccess;
import io.pageferry.image.PendingImage;
import io.pageferry.image.StreamFile;
import io.pageferry.image.StreamSource;
import io.pageferry.session.CheckpointDestination;
import io.pageferry.session.IncomingMigration;
import io.pageferry.session.OutgoingStream;
import java.io.IOException;
import java.nio.file.Path;

/** Conversions in this process, which must succeed. */
final class Conversion {
    private static final MigrationParameters PARAMETERS =
            MigrationParameters.builder().disable(MigrationCapability.MULTIFD).build();

    private Conversion() {}

    /** Writes a plain stream as an image; returns where that is. */
    static Path toImage(Path stream, Path image) throws IOException {
        try (CheckpointDestination target =
                CheckpointDestination.of(PendingImage.at(image, PARAMETERS.directIo()), PARAMETERS)) {
            BackgroundMigration.requireCompleted(IncomingMigration.from(StreamSource.open(stream), PARAMETERS, target)
                    .run());
        }
        return image;
    }

    /** Writes an image as a plain stream; returns where that is. */
    static Path toStream(Path image, Path stream) throws IOException {
        try (Image opened = Image.open(image, 0, PARAMETERS.maxRam(), false);
                StreamFile target = StreamFile.create(stream, ImageAccess.OWNER)) {
            BackgroundMigration.requireCompleted(
                    OutgoingStream.of(opened, target, PARAMETERS).run());
        }
        return stream;
    }
}
