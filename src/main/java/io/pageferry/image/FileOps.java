package io.pageferry.image;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;

/** What is done with files and names in a folder; an interrupt stops none of it half-way. Stateless: any thread. */
final class FileOps {
    private FileOps() {}

    /** Makes a new file of its owner's alone with what it shall have, on disk. */
    static void create(Path path, byte[] content) throws IOException {
        ImageAccess.create(path);
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.write(content);
            file.getFD().sync();
        }
    }

    /** Which file has a name, or what nothing is equal to where none has. */
    static Object identity(Path path) throws IOException {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .fileKey();
        } catch (NoSuchFileException e) {
            return new Object();
        }
    }

    /** Gives a file another name, in place of what has that already. */
    static void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Has a file under another name too. False where the file system, or who owns the file, does not allow that. */
    static boolean link(Path from, Path to) {
        try {
            Files.createLink(to, from);
            return true;
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    /** The same for a small file, which is copied where it cannot have two names. */
    static void linkOrCopy(Path from, Path to) throws IOException {
        if (!link(from, to)) {
            create(to, Files.readAllBytes(from));
        }
    }
}
