package io.pageferry.image;

import io.pageferry.foreign.NativeFunctions;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * Says that a file's writer lives: {@code flock}, which the kernel lets go of when the process is gone, however it
 * went. For any thread.
 *
 * <p>It belongs to this opening of the file. So it is there for others in the same process too, and stays when the
 * process opens and closes the file once more, which would end a lock of {@code fcntl}, the kind that Java's own file
 * locks are.
 */
public final class FileLock implements AutoCloseable {
    private static final int SHARED = 1;
    private static final int EXCLUSIVE = 2;
    private static final int AT_ONCE = 4;

    private static final MethodHandle FLOCK = NativeFunctions.ofC("flock");

    private final RandomAccessFile file;

    private FileLock(RandomAccessFile file) {
        this.file = file;
    }

    /**
     * Has a file of one's own locked, which is there.
     *
     * @return null where somebody has locked it, or the file system knows no locks
     * @throws FileNotFoundException where it is not there, is no regular file, or may not be read
     */
    public static FileLock hold(Path path) throws IOException {
        FileLock lock = tryLock(path, "r", EXCLUSIVE);
        if (lock == null && isOnNfs(path)) {
            // Locks of its own need a file that can be written. Elsewhere, such an opening could only make one that has
            // gone.
            return tryLock(path, "rw", EXCLUSIVE);
        }
        return lock;
    }

    /**
     * Keeps a file from those who would {@linkplain #hold hold} it, such as to remove it, beside others who do the
     * same.
     *
     * @return null where somebody holds it, or the file system knows no locks
     * @throws FileNotFoundException where it is not there, is no regular file, or may not be read
     */
    public static FileLock share(Path path) throws IOException {
        return tryLock(path, "r", SHARED);
    }

    private static boolean isOnNfs(Path path) {
        try {
            return Files.getFileStore(path).type().startsWith("nfs");
        } catch (IOException e) {
            return false; // where it is mounted is not to be seen in a chroot
        }
    }

    /**
     * Sees whether somebody {@linkplain #hold holds} a file, and keeps others from it meanwhile.
     *
     * @return null where somebody does, or the file system knows no locks
     * @throws FileNotFoundException where it is not there, is no regular file, or may not be read
     */
    static FileLock probe(Path path) throws IOException {
        FileLock lock = tryLock(path, "r", EXCLUSIVE);
        return lock != null ? lock : tryLock(path, "r", SHARED); // NFS, once more
    }

    private static FileLock tryLock(Path path, String mode, int how) throws IOException {
        if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            // Opening a FIFO would wait for somebody at its other end.
            throw new FileNotFoundException("must be a regular file: file=" + path);
        }
        RandomAccessFile file = new RandomAccessFile(path.toFile(), mode);
        if (FileCalls.call(FLOCK, file, how | AT_ONCE, 0, 0)) {
            return new FileLock(file);
        }
        file.close();
        return null;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
