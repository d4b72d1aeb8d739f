package io.pageferry.image;

import io.pageferry.foreign.NativeFunctions;
import io.pageferry.supervision.Faults;
import io.pageferry.supervision.Faults.Place;
import io.pageferry.supervision.Threads;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Has the kernel write a file to disk while it is still being filled, by {@code sync_file_range}. Left alone, the
 * kernel begins when a tenth of the machine's memory is dirty, and most of an image would be written after its last
 * page has come, while the source waits. For all channels' threads.
 *
 * <p>It is advice only: whether all is on disk is found out by who forces the file at its end. The call waits where the
 * disk has enough to do, so it has a thread of its own, from the moment on at which there is enough to write.
 */
final class Writeback implements AutoCloseable {
    private static final long WORTHWHILE_BYTES = 32L << 20;
    private static final int SYNC_FILE_RANGE_WRITE = 2;
    private static final long WHOLE_FILE = 0;

    private static final MethodHandle SYNC_FILE_RANGE = NativeFunctions.ofC("sync_file_range");

    private final RandomAccessFile file;
    private final AtomicLong waitingBytes = new AtomicLong();
    private Thread writer; // guarded by this
    private volatile boolean closed;

    Writeback(Path path) throws IOException {
        file = new RandomAccessFile(path.toFile(), "rw");
    }

    /** Says that so much has been written into the file. */
    void written(int bytes) {
        long waiting = waitingBytes.addAndGet(bytes);
        if (waiting >= WORTHWHILE_BYTES && waiting - bytes < WORTHWHILE_BYTES) {
            wakeWriter();
        }
    }

    private synchronized void wakeWriter() {
        if (writer == null) {
            writer = Thread.ofPlatform()
                    .daemon()
                    .name("image-writeback")
                    .start(() -> Faults.contain(Place.HOUSEKEEPING, "writeback", this::write));
        } else {
            LockSupport.unpark(writer);
        }
    }

    private void write() {
        while (!closed) {
            if (waitingBytes.get() < WORTHWHILE_BYTES) {
                LockSupport.park(this);
                continue;
            }
            waitingBytes.set(0);
            startWriting();
        }
    }

    private void startWriting() {
        FileCalls.call(SYNC_FILE_RANGE, file, WHOLE_FILE, WHOLE_FILE, SYNC_FILE_RANGE_WRITE);
    }

    /** {@link DiskUse#bytes} of the file. */
    long bytesOnDisk() {
        return DiskUse.bytes(file);
    }

    @Override
    public void close() throws IOException {
        closed = true;
        awaitWriter();
        file.close();
    }

    /** Whatever the disk does: the thread must not use the descriptor when that is another file's. */
    private synchronized void awaitWriter() {
        if (writer != null) {
            LockSupport.unpark(writer);
            Threads.joinUninterruptibly(writer);
            writer = null;
        }
    }
}
