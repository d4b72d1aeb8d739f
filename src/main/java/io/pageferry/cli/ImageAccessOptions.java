package io.pageferry.cli;

import io.pageferry.config.ConfigException;
import io.pageferry.image.ImageAccess;
import io.pageferry.image.ImageException;
import picocli.CommandLine.Option;

/** Options of who may read images. */
final class ImageAccessOptions {
    @Option(
            names = "--image-mode",
            paramLabel = "MODE",
            defaultValue = "0600",
            description = {
                "The mode of new images, in octal: 0600, 0640, 0400 or 0440, whatever the umask (default:"
                        + " ${DEFAULT-VALUE})."
                        + " Where the group may read, new folders of a store are of mode 0750, else of 0700."
                        + " An image that is replaced stays as narrow as it was."
            })
    private String mode;

    @Option(
            names = "--image-group",
            paramLabel = "GROUP",
            description = {
                "The group, a name or a number, that new images and folders belong to (default: the process's)."
                        + " With --image-mode 0640 it may read them."
            })
    private String group;

    ImageAccess access() {
        try {
            return ImageAccess.of(mode, group);
        } catch (ImageException e) {
            throw new ConfigException("--" + e.getMessage());
        }
    }
}
