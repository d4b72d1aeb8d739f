package io.pageferry.image;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Folders of images, on disk before anything is in them: it would be lost with them. Stateless: any thread. */
public final class Folders {
    private Folders() {}

    /**
     * Makes a folder where there is none. One that is there stays as it is.
     *
     * @throws IOException where that fails; there is none then, either
     */
    public static void make(Path folder, ImageAccess access) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        try {
            access.createFolder(folder);
        } catch (FileAlreadyExistsException e) {
            if (Files.isDirectory(folder)) {
                return; // somebody else was quicker
            }
            throw e;
        }
        try {
            access.openFolder(folder);
            force(folder.toAbsolutePath().getParent());
        } catch (IOException e) {
            // Who comes next must not take it for one that is on disk.
            removeIfEmpty(folder);
            throw e;
        }
    }

    /** The same with all that it is in. */
    public static void makeAll(Path folder, ImageAccess access) throws IOException {
        Path parent = folder.toAbsolutePath().normalize().getParent();
        if (parent != null && !Files.isDirectory(parent)) {
            makeAll(parent, access);
        }
        make(folder, access);
    }

    /** Removes a folder that nothing is in. Another one, and what is no folder, stays. */
    public static void removeIfEmpty(Path folder) throws IOException {
        try {
            if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
                Files.delete(folder);
            }
        } catch (DirectoryNotEmptyException | NoSuchFileException e) {
            // As it may be.
        }
    }

    /**
     * Puts a folder's names on disk: they are its data, and without this a crash could still lose them. An interrupt
     * does not stop it half-way.
     */
    static void force(Path folder) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                interrupted |= Thread.interrupted();
                try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                    channel.force(true);
                    return;
                } catch (ClosedByInterruptException e) {
                    // Once more, to the end.
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
