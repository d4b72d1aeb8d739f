package io.pageferry.image;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file that appears under its name whole or not at all: written beside it, forced to disk, renamed. Until then, and
 * if that never happens, a file that was there before stays as it was. So does its sidecar: {@link SidecarFiles}.
 *
 * <p>Made, committed and closed by one thread; written by any.
 */
public final class PendingFile implements AutoCloseable {
    private static final byte[] NO_FACTS = {};

    /**
     * More than one only where somebody who removes {@link Leftovers} came between the making of the file and its lock.
     */
    private static final int ATTEMPTS = 8;

    private final Path target;
    private final ImageAccess access;
    private UnfinishedFiles files;
    private FileLock lock;
    private FileChannel channel;
    private boolean forced;
    private boolean committing;

    private PendingFile(Path target, ImageAccess access) {
        this.target = target;
        this.access = access;
    }

    /** Starts a file that its owner alone may read. */
    public static PendingFile create(Path target, long keptBytes) throws IOException {
        return create(target, keptBytes, ImageAccess.OWNER);
    }

    /**
     * Starts a file, and removes what a dead process has left of one of that name.
     *
     * @param keptBytes how much of a file that is there already shall be at the start of the new one: what somebody
     *     else keeps in front of an image at an offset
     * @param access who may read it once it has its name; before that, its owner
     * @throws ImageException where the target cannot be written, before anybody has sent anything
     */
    public static PendingFile create(Path target, long keptBytes, ImageAccess access) throws IOException {
        Path absolute = resolve(target);
        if (Files.exists(absolute) && !Files.isRegularFile(absolute)) {
            throw new ImageException("image must be a regular file, or not be there yet: image=" + target);
        }
        PendingFile file = new PendingFile(absolute, access);
        try {
            Leftovers.remove(absolute);
            file.createLocked();
            access.giveToGroup(file.files.part());
            file.channel = FileChannel.open(file.files.part(), StandardOpenOption.READ, StandardOpenOption.WRITE);
            file.keep(keptBytes);
            return file;
        } catch (ClosedChannelException | ImageException e) {
            file.close();
            throw e; // the first is ours: whoever wants to write is being ended
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

    /** Where the file system knows no locks, nobody can have one to remove the file by, either. */
    private void createLocked() throws IOException {
        for (int i = 1; ; i++) {
            UnfinishedFiles names = UnfinishedFiles.of(target);
            ImageAccess.create(names.part());
            files = names;
            Object made = FileOps.identity(names.part());
            lock = lockOf(names.part());
            boolean same = made.equals(FileOps.identity(names.part()));
            if (same && (lock != null || i == ATTEMPTS)) {
                return;
            }
            closeLock();
            Files.deleteIfExists(names.part());
            if (i == ATTEMPTS) {
                throw new ImageException("image must not be removed while it is begun: image=" + target);
            }
        }
    }

    private static FileLock lockOf(Path part) throws IOException {
        try {
            return FileLock.hold(part);
        } catch (FileNotFoundException | NoSuchFileException e) {
            return null; // removed already
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
        return DirectIo.open(files.part(), StandardOpenOption.WRITE, target);
    }

    /** The same file, to take room for its pages. */
    PageSpace openSpace(ImageLayout layout) throws IOException {
        return new PageSpace(files.part(), layout);
    }

    /** The same file, to have it written to disk meanwhile. */
    Writeback openWriteback() throws IOException {
        return new Writeback(files.part());
    }

    /**
     * Puts the file on disk, where it has no name yet; nothing is written to it any more. This is what takes long of a
     * {@link #commit}.
     */
    public void force() throws IOException {
        try {
            access.finish(files.part(), target);
            channel.force(true);
            forced = true;
        } catch (ClosedChannelException e) {
            throw e; // ours: the migration is being ended
        } catch (IOException e) {
            throw ImageException.of("image must be put on disk", target, e);
        }
    }

    /** Puts the file on disk and under its name, without a sidecar: one that a file of this name has goes with that. */
    public void commit() throws IOException {
        commit(NO_FACTS);
    }

    /**
     * Puts the file on disk and under its name, with a sidecar, which is there, and on disk, before.
     *
     * @param facts what the sidecar has, {@link SidecarFiles#MAX_SIDECAR_BYTES} at most; nothing where there shall be
     *     none
     * @throws ImageException where that fails; the file that was there, and its sidecar, are there again. Where that
     *     fails, too, the message says so
     */
    public void commit(byte[] facts) throws IOException {
        SidecarFiles.requireSmall(facts);
        if (!forced) {
            force();
        }
        try {
            channel.close();
        } catch (IOException e) {
            throw ImageException.of("image must be put on disk", target, e);
        }
        // The file is whole, so it is too late to be interrupted.
        committing = true;
        new Commit(files).run(facts, lock != null);
    }

    /** Removes the file where it was not committed. */
    @Override
    public void close() {
        try (FileLock _ = lock) {
            if (channel != null) {
                channel.close();
            }
            if (!committing && files != null) {
                Files.deleteIfExists(files.part());
            }
        } catch (IOException e) {
            // The failure that led here is the one to report.
        }
    }

    private void closeLock() throws IOException {
        if (lock != null) {
            lock.close();
            lock = null;
        }
    }
}
