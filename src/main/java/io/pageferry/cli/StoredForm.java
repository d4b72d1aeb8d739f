package io.pageferry.cli;

import io.pageferry.config.ConfigException;
import io.pageferry.config.MigrationUri;
import java.nio.file.Path;

/**
 * A guest in a file, on the command line, and the form that it is stored in: {@code stream:FILE}, or no prefix for an
 * image.
 */
sealed interface StoredForm {
    String STREAM_PREFIX = "stream:";

    /** A mapped-ram image. */
    record OfImage(MigrationUri.ImageFile file) implements StoredForm {}

    /** A plain stream; {@code -} is standard input or output. */
    record OfStream(String name) implements StoredForm {
        private static final String STANDARD = "-";

        boolean isStandard() {
            return name.equals(STANDARD);
        }

        Path path() {
            return Path.of(name);
        }
    }

    static StoredForm parse(String text) {
        if (!text.startsWith(STREAM_PREFIX)) {
            return new OfImage(ImageArgument.parse(text));
        }
        String name = text.substring(STREAM_PREFIX.length());
        if (name.isEmpty()) {
            throw new ConfigException("stream must have a file, or - for a pipe: value=" + text);
        }
        return new OfStream(name);
    }
}
