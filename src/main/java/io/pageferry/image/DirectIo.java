package io.pageferry.image;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * Opens files past the page cache (O_DIRECT). Positions, lengths and addresses must then be multiples of the file
 * system's block, which pages, their places in an image and pooled buffers are. Stateless: any thread.
 */
final class DirectIo {
    private static final OpenOption DIRECT = directOption();

    private DirectIo() {}

    static FileChannel open(Path path, StandardOpenOption mode, Object image) throws ImageException {
        try {
            return FileChannel.open(path, mode, DIRECT);
        } catch (IOException | UnsupportedOperationException e) {
            throw new ImageException(
                    "file system must support direct-io: image=" + image + " reason=\"" + e.getMessage() + "\"", e);
        }
    }

    /**
     * {@code ExtendedOpenOption.DIRECT}: supported by the JDK, but javac has a warning for its package that nothing
     * turns off.
     */
    private static OpenOption directOption() {
        try {
            return Arrays.stream(
                            Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants())
                    .filter(option -> option.toString().equals("DIRECT"))
                    .map(OpenOption.class::cast)
                    .findFirst()
                    .orElseThrow();
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("JDK has no module jdk.unsupported", e);
        }
    }
}
