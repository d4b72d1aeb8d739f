package io.pageferry.image;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pageferry.testing.LeakFree;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import jdk.internal.access.SharedSecrets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is written into a file is on its way to the disk long before anybody forces it, by a thread that ends with the
 * file.
 */
@LeakFree
@Timeout(60)
class WritebackTest {
    private static final int MIB = 1 << 20;

    /** A third of the time after which the kernel begins by itself. */
    private static final long PATIENCE_NANOS = 10_000_000_000L;

    @TempDir
    Path folder;

    private RandomAccessFile file;
    private Writeback writeback;

    @BeforeEach
    void open() throws IOException {
        Path path = folder.resolve("image");
        file = new RandomAccessFile(path.toFile(), "rw");
        writeback = new Writeback(path);
    }

    @AfterEach
    void close() throws IOException {
        writeback.close();
        file.close();
        assertEquals(0, writers());
    }

    @Test
    void shouldPutWhatIsWrittenOnDiskMeanwhile() throws Throwable {
        write(64);
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (dirtyBytes() > 32 * MIB) {
            assertTrue(System.nanoTime() < deadline, "what was written must be on its way to the disk");
            LockSupport.parkNanos(1_000_000);
        }
        assertEquals(1, writers());
    }

    @Test
    void shouldLeaveASmallFileToWhoeverForcesIt() throws IOException {
        write(31);
        assertEquals(0, writers());
    }

    @Test
    void shouldEndWhileThereIsMoreToWrite() throws IOException {
        write(256);
        writeback.close();
        assertEquals(0, writers());
    }

    @Test
    void shouldEndForSomebodyWhoIsInterrupted() throws IOException {
        write(64);
        Thread.currentThread().interrupt();
        writeback.close();
        assertTrue(Thread.interrupted(), "the interrupt is for what comes next");
        assertEquals(0, writers());
    }

    private void write(int mib) throws IOException {
        byte[] bytes = new byte[MIB];
        for (int i = 0; i < mib; i++) {
            file.write(bytes);
            writeback.written(MIB);
        }
    }

    private static long writers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("image-writeback"))
                .count();
    }

    /** Of the file, by {@code cachestat}: what is in the page cache and nobody has begun to write. */
    @SuppressWarnings("restricted") // plain libc function with the types that its header says
    private long dirtyBytes() throws Throwable {
        int cachestat = 451;
        AddressLayout address = ValueLayout.ADDRESS;
        MethodHandle syscall = Linker.nativeLinker()
                .downcallHandle(
                        Linker.nativeLinker().defaultLookup().findOrThrow("syscall"),
                        FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, address, address, JAVA_INT),
                        Linker.Option.firstVariadicArg(1));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment wholeFile = arena.allocate(JAVA_LONG, 2);
            MemorySegment counts = arena.allocate(JAVA_LONG, 5);
            int descriptor = SharedSecrets.getJavaIOFileDescriptorAccess().get(file.getFD());
            long result = (long) syscall.invokeExact((long) cachestat, descriptor, wholeFile, counts, 0);
            assumeTrue(result == 0, "Linux 6.5 or later counts a file's pages");
            return counts.getAtIndex(JAVA_LONG, 1) * 4096;
        }
    }
}
