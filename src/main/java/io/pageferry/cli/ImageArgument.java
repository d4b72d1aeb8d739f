package io.pageferry.cli;

import io.pageferry.config.MigrationUri;
import java.nio.file.Path;

/** An image on the command line: a path, or a file URI for one that does not begin where its file does. */
final class ImageArgument {
    private ImageArgument() {}

    static MigrationUri.ImageFile parse(String text) {
        return text.startsWith("file:")
                ? (MigrationUri.ImageFile) MigrationUri.parse(text)
                : new MigrationUri.ImageFile(Path.of(text), 0);
    }
}
