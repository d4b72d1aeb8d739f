package io.pageferry.cli;

import io.pageferry.config.ConfigException;
import io.pageferry.config.MigrationUri;
import io.pageferry.image.Image;
import io.pageferry.store.StoredImage;
import java.io.IOException;
import java.util.Optional;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Which image a command looks at, and how large its guest may be. */
final class ImageOptions {
    private final Value<String> image;
    private final StoreOptions store;
    private final Value<Long> maxRam;

    ImageOptions(CommandModel model) {
        image = model.add(
                Value.of(String.class).orNone(),
                PositionalParamSpec.builder()
                        .index("0")
                        .paramLabel("IMAGE")
                        .description("A mapped-ram image: PATH or file:PATH[,offset=N]. With --store its name there,"
                                + " UUID/TIME, or its guest's uuid or name: the newest is meant then."));
        store = new StoreOptions(model, false);
        maxRam = model.add(
                Value.of(long.class),
                OptionSpec.builder("--max-ram")
                        .paramLabel("SIZE")
                        .defaultValue("1T")
                        .converters(new MigrationOptions.SizeConverter())
                        .description("Refuse a guest larger than this (default: ${DEFAULT-VALUE})."));
    }

    /** Whether none is named, but a store is: all of it is meant. */
    boolean isWholeStore() {
        return image.get() == null && store.isGiven();
    }

    StoreOptions store() {
        return store;
    }

    /** As it was named. */
    String name() {
        if (image.get() == null) {
            throw new ConfigException("IMAGE must be given");
        }
        return image.get();
    }

    Image open() throws IOException {
        Optional<StoredImage> stored = store.find(name());
        return open(stored.isPresent() ? store.fileOf(stored.get()) : ImageArgument.parse(name()));
    }

    Image open(MigrationUri.ImageFile file) throws IOException {
        return Image.open(file.path(), file.offset(), maxRam.get(), false);
    }
}
