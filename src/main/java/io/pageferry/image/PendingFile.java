package io.pageferry.image;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * A file that appears under its name whole or not at all: written beside it, forced to disk, renamed. Until then, and if that never happens, a
 * file that was there before stays as it was.
 *
 * <p>Made, committed and closed by one thread; written by any.
 */
public final class PendingFile implements AutoCloseable {
    private final Path target;
    private final Path temporary;
    private FileChannel channel;
    private boolean committed;

    private PendingFile(Path target, Path temporary) {
        this.target = target;
        this.temporary = temporary;
    }

    /**
     * Starts a file.
     *
     * @param keptBytes how much of a file that is there already shall be at the start of the new one: what somebody else keeps in front of an
     *     image at an offset
     * @throws ImageException where the target cannot be written, before anybody has sent anything
     */
    public static PendingFile create(Path target, long keptBytes) throws IOException {
        Path absolute = resolve(target);
        if (Files.exists(absolute) && !Files.isRegularFile(absolute)) {
            throw new ImageException("image must be a regular file, or not be there yet: image=" + target);
        }
        String name = "." + absolute.getFileName() + "."
                + UUID.randomUUID().toString().substring(0, 8) + ".part";
        PendingFile file = new PendingFile(absolute, absolute.resolveSibling(name));
        try {
            file.channel = FileChannel.open(
                    file.temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
            file.keep(keptBytes);
            return file;
        } catch (ClosedChannelException e) {
            file.close();
            throw e; // ours: whoever wants to write is being ended
        } catch (IOException e) {
            file.close();
            throw ImageException.of("image must be writable", target, e);
        }
    }

    /** The file itself, where the target is a link to it. */
    private static Path resolve(Path target) throws ImageException {
        try {
            return Files.exists(target) ? target.toRealPath() : target.toAbsolutePath();
        } catch (IOException e) {
            throw ImageException.of("image must be writable", target, e);
        }
    }

    private void keep(long bytes) throws IOException {
        if (bytes > 0 && Files.exists(target)) {
            try (FileChannel old = FileChannel.open(target, StandardOpenOption.READ)) {
                long end = Math.min(bytes, old.size());
                for (long position = 0; position < end; ) {
                    position += old.transferTo(position, end - position, channel.position(position));
                }
            }
        }
    }

    /** The file as it is so far. For any thread. */
    public FileChannel channel() {
        return channel;
    }

    /** The name that the file will have. */
    public Path target() {
        return target;
    }

    /** Another channel to the same file, past the page cache. */
    FileChannel openDirect() throws ImageException {
        return DirectIo.open(temporary, StandardOpenOption.WRITE, target);
    }

    /** The same file, to take room for its pages. */
    PageSpace openSpace(ImageLayout layout) throws IOException {
        return new PageSpace(temporary, layout);
    }

    /** The same file, to have it written to disk meanwhile. */
    Writeback openWriteback() throws IOException {
        return new Writeback(temporary);
    }

    /** Puts the file on disk and under its name. */
    public void commit() throws IOException {
        try {
            channel.force(true);
            channel.close();
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            committed = true;
            forceDirectory(target.getParent());
        } catch (ClosedChannelException e) {
            throw e; // ours: the migration is being ended
        } catch (IOException e) {
            throw ImageException.of("image must be put on disk", target, e);
        }
    }

    /**
     * Puts the file's new name on disk: it is in the directory's data, and without this a crash could still lose it. The file has its name already, so
     * it is too late to be interrupted.
     */
    private static void forceDirectory(Path directory) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                interrupted |= Thread.interrupted();
                try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
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

    /** Removes the file where it was not committed. */
    @Override
    public void close() {
        try {
            if (channel != null) {
                channel.close();
            }
            if (!committed) {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            // The failure that led here is the one to report.
        }
    }
}
