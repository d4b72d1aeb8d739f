package io.pageferry.image;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import jdk.internal.access.SharedSecrets;

/**
 * Has the kernel write a file to disk while it is still being filled, by {@code sync_file_range}. Left alone, the kernel begins when a tenth of the machine's memory
 * is dirty, and most of an image would be written after its last page has come, while the source waits. For all channels' threads.
 *
 * <p>It is advice only: whether all is on disk is found out by who forces the file at its end. The call waits where the disk has enough to do, so it has a thread of its
 * own, from the moment on at which there is enough to write.
 */
final class Writeback implements AutoCloseable {
    private static final long WORTHWHILE_BYTES = 32L << 20;
    private static final int SYNC_FILE_RANGE_WRITE = 2;
    private static final long WHOLE_FILE = 0;

    @SuppressWarnings("restricted") // plain libc function with the types that its header says
    private static final MethodHandle SYNC_FILE_RANGE = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().findOrThrow("sync_file_range"),
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));

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
            writer = Thread.ofPlatform().daemon().name("image-writeback").start(this::write);
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
        try {
            int descriptor = SharedSecrets.getJavaIOFileDescriptorAccess().get(file.getFD());
            int _ = (int) SYNC_FILE_RANGE.invokeExact(descriptor, WHOLE_FILE, WHOLE_FILE, SYNC_FILE_RANGE_WRITE);
        } catch (Throwable e) {
            throw new IllegalStateException("sync_file_range must be there", e);
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        awaitWriter();
        file.close();
    }

    /** Whatever the disk does: the thread must not use the descriptor when that is another file's. */
    private synchronized void awaitWriter() {
        boolean interrupted = false;
        while (writer != null) {
            LockSupport.unpark(writer);
            try {
                writer.join();
                writer = null;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
