package io.pageferry.memory;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.pageferry.foreign.NativeFunctions;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import jdk.internal.access.SharedSecrets;

/**
 * Anonymous memory from the kernel. Stateless: any thread.
 *
 * <p>{@code mmap} and not {@code Arena.allocate}: the latter writes zeros into all of it first, and guest memory is
 * fresh from the kernel and mostly overwritten soon. {@code MADV_HUGEPAGE}: first touches cost half with pages of 2
 * MiB.
 */
final class NativeMemory {
    static final long HUGE_PAGE_BYTES = 2L << 20;

    private static final int PROT_READ_WRITE = 0x1 | 0x2;
    private static final int MAP_PRIVATE_ANONYMOUS_NORESERVE = 0x02 | 0x20 | 0x4000;
    private static final int PROT_NONE = 0;
    private static final int MAP_FIXED = 0x10;
    private static final int MADV_DONTNEED = 4;
    private static final int MADV_HUGEPAGE = 14;
    private static final long MAP_FAILED = -1;

    private static final MethodHandle MMAP = NativeFunctions.ofC("mmap");
    private static final MethodHandle MUNMAP = NativeFunctions.ofC("munmap");
    private static final MethodHandle MADVISE = NativeFunctions.ofC("madvise");
    private static final MethodHandle GETPAGESIZE = NativeFunctions.ofC("getpagesize");

    /** Made when it is needed first. */
    private static final class Comparison {
        /** Critical: it takes some hundred nanoseconds at the most, less than a change of the thread's state. */
        static final MethodHandle MEMCMP = NativeFunctions.ofC(
                "memcmp",
                FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                Linker.Option.critical(false));
    }

    private static final AtomicLong OPEN_MAPPINGS = new AtomicLong();

    private NativeMemory() {}

    /** How many mappings of this process are not given back. */
    static long openMappings() {
        return OPEN_MAPPINGS.get();
    }

    /** The host's pages, the smallest ones. */
    static int pageSizeBytes() {
        return (int) NativeFunctions.call(GETPAGESIZE, 0, 0, 0, 0, 0, 0);
    }

    /** A mapping, and the part of it that begins on a boundary of 2 MiB where it is long enough for that to matter. */
    record Mapping(long mappedAddress, long mappedBytes, long address) {}

    static Mapping map(long sizeBytes) {
        boolean huge = sizeBytes >= HUGE_PAGE_BYTES;
        long mappedBytes = huge ? Math.addExact(sizeBytes, HUGE_PAGE_BYTES) : sizeBytes;
        long address =
                NativeFunctions.call(MMAP, 0, mappedBytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS_NORESERVE, -1, 0);
        if (address == MAP_FAILED) {
            throw new OutOfMemoryError("the kernel gives no more memory: bytes=" + mappedBytes);
        }
        OPEN_MAPPINGS.incrementAndGet();
        if (!huge) {
            return new Mapping(address, mappedBytes, address);
        }
        long aligned = (address + HUGE_PAGE_BYTES - 1) & -HUGE_PAGE_BYTES;
        // Advice only: where the kernel has no huge pages the memory is as good, and slower on its first touch.
        NativeFunctions.call(MADVISE, aligned, sizeBytes, MADV_HUGEPAGE, 0, 0, 0);
        return new Mapping(address, mappedBytes, aligned);
    }

    static void unmap(Mapping mapping) {
        if ((int) NativeFunctions.call(MUNMAP, mapping.mappedAddress(), mapping.mappedBytes(), 0, 0, 0, 0) != 0) {
            throw new IllegalStateException("munmap failed: bytes=" + mapping.mappedBytes());
        }
        OPEN_MAPPINGS.decrementAndGet();
    }

    /** Gives the kernel back what is in a range, which reads as zeros from then on. */
    static void discard(long address, long sizeBytes) {
        if ((int) NativeFunctions.call(MADVISE, address, sizeBytes, MADV_DONTNEED, 0, 0, 0) != 0) {
            throw new IllegalStateException("madvise failed: bytes=" + sizeBytes);
        }
    }

    /**
     * Unmaps a range of a mapping, and has nothing in its place until all of the mapping goes: were the addresses free,
     * somebody else's memory could be there by then. Whoever else has the pages keeps them as they are.
     */
    static void vacate(long address, long sizeBytes) {
        // Where the kernel refuses, having too many mappings, the memory is lost until all of the mapping goes, but
        // nobody gets it.
        NativeFunctions.call(MMAP, address, sizeBytes, PROT_NONE, MAP_PRIVATE_ANONYMOUS_NORESERVE | MAP_FIXED, -1, 0);
    }

    /**
     * Whether two ranges, which may overlap, have the same bytes. With the widest vectors that the processor has: C's
     * library chooses when it is loaded.
     */
    static boolean isSame(long address, long other, long sizeBytes) {
        try {
            return (int) Comparison.MEMCMP.invokeExact(address, other, sizeBytes) == 0;
        } catch (Throwable e) {
            throw NativeFunctions.unexpected(e);
        }
    }

    /**
     * A buffer over memory that somebody else keeps alive. Made by the JDK's own back door, since the public way (a
     * memory segment's buffer) makes every read and write of a socket allocate a few objects to guard the segment.
     */
    static ByteBuffer buffer(long address, int sizeBytes) {
        return SharedSecrets.getJavaNioAccess().newDirectByteBuffer(address, sizeBytes);
    }
}
