package io.pageferry.cli;

import io.pageferry.config.MigrationUri;
import io.pageferry.image.Image;
import java.io.IOException;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Which image a command looks at, and how large its guest may be. */
final class ImageOptions {
    private final Value<String> image;
    private final Value<Long> maxRam;

    ImageOptions(CommandModel model) {
        image = model.add(
                Value.of(String.class),
                PositionalParamSpec.builder()
                        .index("0")
                        .paramLabel("IMAGE")
                        .description("A mapped-ram image: PATH or file:PATH[,offset=N]."));
        maxRam = model.add(
                Value.of(long.class),
                OptionSpec.builder("--max-ram")
                        .paramLabel("SIZE")
                        .defaultValue("1T")
                        .converters(new MigrationOptions.SizeConverter())
                        .description("Refuse a guest larger than this (default: ${DEFAULT-VALUE})."));
    }

    /** As it was named. */
    String name() {
        return image.get();
    }

    Image open() throws IOException {
        MigrationUri.ImageFile file = ImageArgument.parse(image.get());
        return Image.open(file.path(), file.offset(), maxRam.get(), false);
    }
}
