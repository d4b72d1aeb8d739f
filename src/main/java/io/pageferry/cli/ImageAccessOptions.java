package io.pageferry.cli;

import io.pageferry.config.ConfigException;
import io.pageferry.image.ImageAccess;
import io.pageferry.image.ImageException;
import picocli.CommandLine.Model.OptionSpec;

/** Options of who may read images. */
final class ImageAccessOptions {
    private final Value<String> mode;
    private final Value<String> group;

    ImageAccessOptions(CommandModel model) {
        mode = model.add(
                Value.of(String.class),
                OptionSpec.builder("--image-mode")
                        .paramLabel("MODE")
                        .defaultValue("0600")
                        .description("The mode of new images, in octal: 0600, 0640, 0400 or 0440, whatever the umask"
                                + " (default: ${DEFAULT-VALUE}). Where the group may read, new folders of a store are"
                                + " of mode 0750, else of 0700. An image that is replaced stays as narrow as it was."));
        group = model.add(
                Value.of(String.class),
                OptionSpec.builder("--image-group")
                        .paramLabel("GROUP")
                        .description("The group, a name or a number, that new images and folders belong to (default:"
                                + " the process's). With --image-mode 0640 it may read them."));
    }

    ImageAccess access() {
        try {
            return ImageAccess.of(mode.get(), group.get());
        } catch (ImageException e) {
            throw new ConfigException("--" + e.getMessage());
        }
    }
}
