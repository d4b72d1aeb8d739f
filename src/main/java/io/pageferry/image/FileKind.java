package io.pageferry.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What stands under a name in a file system: only two kinds of it can hold an image. */
enum FileKind {
    REGULAR(0100000, "a file"),
    BLOCK_DEVICE(0060000, "a block device"),
    DIRECTORY(0040000, "a folder"),
    CHARACTER_DEVICE(0020000, "a character device"),
    PIPE(0010000, "a named pipe"),
    SOCKET(0140000, "a socket");

    /** The bits of a mode that say it (inode(7)). */
    private static final int KIND_MASK = 0170000;

    private final int mode;
    private final String words;

    FileKind(int mode, String words) {
        this.mode = mode;
        this.words = words;
    }

    /** What it is called in an error. */
    String words() {
        return words;
    }

    /** Whether bytes can be read at any position of it. */
    boolean canHoldImage() {
        return this == REGULAR || this == BLOCK_DEVICE;
    }

    static FileKind of(Path path) throws IOException {
        int mode = (int) Files.getAttribute(path, "unix:mode") & KIND_MASK;
        for (FileKind kind : values()) {
            if (kind.mode == mode) {
                return kind;
            }
        }
        throw new IOException("kind of file must be a known one: mode=" + Integer.toOctalString(mode));
    }
}
