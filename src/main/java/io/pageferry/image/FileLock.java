package io.pageferry.image;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * Says that a file's writer lives: {@code flock}, which the kernel lets go of when the process is gone, however it went. For any
 * thread.
 *
 * <p>It belongs to this opening of the file. So it is there for others in the same process too, and stays when the process opens
 * and closes the file once more, which would end a lock of {@code fcntl}, the kind that Java's own file locks are.
 */
final class FileLock implements AutoCloseable {
    private static final int EXCLUSIVE = 2;
    private static final int AT_ONCE = 4;

    private static final MethodHandle FLOCK = FileCalls.function("flock");

    private final RandomAccessFile file;

    private FileLock(RandomAccessFile file) {
        this.file = file;
    }

    /**
     * Locks a file that may be written, or one that may only be read where the file system does not mind.
     *
     * @return null where somebody has it, or the file system knows no such thing
     */
    static FileLock tryLock(Path path, boolean writable) throws IOException {
        RandomAccessFile file = new RandomAccessFile(path.toFile(), writable ? "rw" : "r");
        if (FileCalls.call(FLOCK, file, EXCLUSIVE | AT_ONCE, 0, 0)) {
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
