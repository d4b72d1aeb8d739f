package io.pageferry.image;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Who has it, and nobody else, gives an image of a name its name or takes that back: several names change, and two at
 * once could leave one's image with the other's sidecar. It is a lock on a file that is there meanwhile,
 * {@code .IMG.committing}.
 */
final class CommitTurn implements AutoCloseable {
    static final String SUFFIX = ".committing";

    /** Whoever has it forces a few names to disk, which may be slow; but no source waits for ever meanwhile. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /**
     * The kernel has no lock with a deadline. Somebody must be committing under the same name just now to be waited for
     * at all.
     */
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(5);

    private final Path file;
    private final FileLock lock;

    private CommitTurn(Path file, FileLock lock) {
        this.file = file;
        this.lock = lock;
    }

    /** Whether somebody has it, or has died with it. */
    static boolean isMarked(Path target) {
        return Files.exists(file(target), LinkOption.NOFOLLOW_LINKS);
    }

    private static Path file(Path target) {
        return target.resolveSibling("." + target.getFileName() + SUFFIX);
    }

    /**
     * Waits for it. An interrupt has to wait, too.
     *
     * @param own a file of this process: whose the lock's file may be
     * @throws ImageException where what is there is no file of that owner, or one that is locked for long
     */
    static CommitTurn take(Path target, Path own) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        boolean interrupted = false;
        try {
            while (true) {
                CommitTurn turn = tryTake(target);
                if (turn != null) {
                    return turn;
                }
                requireOwn(file(target), own);
                if (System.nanoTime() - deadline > 0) {
                    throw new ImageException("image must not be committed by somebody else all the time: image="
                            + target + " waited=" + PATIENCE.toSeconds() + "s");
                }
                interrupted |= Thread.interrupted();
                LockSupport.parkNanos(BETWEEN_ATTEMPTS.toNanos());
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void requireOwn(Path file, Path own) throws IOException {
        try {
            PosixFileAttributes there =
                    Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (!there.isRegularFile() || !there.owner().equals(Files.getOwner(own, LinkOption.NOFOLLOW_LINKS))) {
                throw new ImageException("image must not be kept from its name by what is not of its writer: file="
                        + file + " owner=" + there.owner() + " regular=" + there.isRegularFile());
            }
        } catch (NoSuchFileException e) {
            // Whoever had it has finished just now.
        }
    }

    /** Takes it where nobody has it; null where somebody does, or the file system knows no locks. */
    static CommitTurn tryTake(Path target) throws IOException {
        Path file = file(target);
        try {
            ImageAccess.create(file);
        } catch (FileAlreadyExistsException e) {
            // Somebody has it, or is dead.
        }
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return null; // no file of ours; to open a FIFO would wait for ever
        }
        Object identity = FileOps.identity(file);
        FileLock lock;
        try {
            lock = FileLock.hold(file);
        } catch (FileNotFoundException | NoSuchFileException e) {
            return null; // whoever had it has finished just now
        }
        if (lock == null) {
            return null;
        }
        if (!identity.equals(FileOps.identity(file))) {
            lock.close(); // of a file that has gone, which is nobody's
            return null;
        }
        return new CommitTurn(file, lock);
    }

    @Override
    public void close() {
        try (lock) {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // Whoever comes next finds it without a lock.
        }
    }
}
