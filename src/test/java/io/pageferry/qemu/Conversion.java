package io.pageferry.qemu;

import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.image.Image;
import io.pageferry.image.ImageAccess;
import io.pageferry.image.StreamFile;
import io.pageferry.session.OutgoingStream;
import java.io.IOException;
import java.nio.file.Path;

/** Conversions in this process, which must succeed. */
final class Conversion {
    private static final MigrationParameters PARAMETERS =
            MigrationParameters.builder().disable(MigrationCapability.MULTIFD).build();

    private Conversion() {}

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
