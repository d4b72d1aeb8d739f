package io.pageferry.cli;

import io.pageferry.config.MigrationUri;
import io.pageferry.image.Image;
import java.io.IOException;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which image a command looks at, and how large its guest may be. */
final class ImageOptions {
    @Parameters(index = "0", paramLabel = "IMAGE", description = "A mapped-ram image: PATH or file:PATH[,offset=N].")
    private String image;

    @Option(
            names = "--max-ram",
            paramLabel = "SIZE",
            defaultValue = "1T",
            converter = MigrationOptions.SizeConverter.class,
            description = "Refuse a guest larger than this (default: ${DEFAULT-VALUE}).")
    private long maxRam;

    /** As it was named. */
    String name() {
        return image;
    }

    Image open() throws IOException {
        MigrationUri.ImageFile file = ImageArgument.parse(image);
        return Image.open(file.path(), file.offset(), maxRam, false);
    }
}
