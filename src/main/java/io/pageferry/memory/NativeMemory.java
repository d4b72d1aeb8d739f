package io.pageferry.memory;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import jdk.internal.access.SharedSecrets;

/**
 * Anonymous memory from the kernel, through the Foreign Function API. Stateless: any thread.
 *
 * <p>{@code mmap} and not {@code Arena.allocate}: the latter writes zeros into all of it first, and guest memory is fresh from
 * the kernel and mostly overwritten soon. {@code MADV_HUGEPAGE}: first touches cost half with pages of 2 MiB.
 */
final class NativeMemory {
    static final long HUGE_PAGE_BYTES = 2L << 20;

    private static final int PROT_READ_WRITE = 0x1 | 0x2;
    private static final int MAP_PRIVATE_ANONYMOUS_NORESERVE = 0x02 | 0x20 | 0x4000;
    private static final int MADV_DONTNEED = 4;
    private static final int MADV_HUGEPAGE = 14;
    private static final long MAP_FAILED = -1;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle MMAP = function(
            "mmap", FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle MUNMAP =
            function("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle MADVISE =
            function("madvise", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));

    /** Critical: it takes some hundred nanoseconds at the most, less than a change of the thread's state. */
    private static final MethodHandle MEMCMP = function(
            "memcmp", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG), Linker.Option.critical(false));

    private static final MethodHandle GETPAGESIZE = function("getpagesize", FunctionDescriptor.of(JAVA_INT));

    private static final AtomicLong OPEN_MAPPINGS = new AtomicLong();

    private NativeMemory() {}

    /** How many mappings of this process are not given back. */
    static long openMappings() {
        return OPEN_MAPPINGS.get();
    }

    /** The host's pages, the smallest ones. */
    static int pageSizeBytes() {
        try {
            return (int) GETPAGESIZE.invokeExact();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** A mapping, and the part of it that begins on a boundary of 2 MiB where it is long enough for that to matter. */
    record Mapping(long mappedAddress, long mappedBytes, long address) {}

    static Mapping map(long sizeBytes) {
        boolean huge = sizeBytes >= HUGE_PAGE_BYTES;
        long mappedBytes = huge ? Math.addExact(sizeBytes, HUGE_PAGE_BYTES) : sizeBytes;
        try {
            long address = (long) MMAP.invokeExact(
                    MemorySegment.NULL, mappedBytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS_NORESERVE, -1, 0L);
            if (address == MAP_FAILED) {
                throw new OutOfMemoryError("the kernel gives no more memory: bytes=" + mappedBytes);
            }
            OPEN_MAPPINGS.incrementAndGet();
            if (!huge) {
                return new Mapping(address, mappedBytes, address);
            }
            long aligned = (address + HUGE_PAGE_BYTES - 1) & -HUGE_PAGE_BYTES;
            // Advice only: where the kernel has no huge pages the memory is as good, and slower on its first touch.
            int ignored = (int) MADVISE.invokeExact(aligned, sizeBytes, MADV_HUGEPAGE);
            return new Mapping(address, mappedBytes, aligned);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    static void unmap(Mapping mapping) {
        try {
            int result = (int) MUNMAP.invokeExact(mapping.mappedAddress(), mapping.mappedBytes());
            if (result != 0) {
                throw new IllegalStateException("munmap failed: bytes=" + mapping.mappedBytes());
            }
            OPEN_MAPPINGS.decrementAndGet();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Gives the kernel back what is in a range, which reads as zeros from then on. */
    static void discard(long address, long sizeBytes) {
        try {
            int result = (int) MADVISE.invokeExact(address, sizeBytes, MADV_DONTNEED);
            if (result != 0) {
                throw new IllegalStateException("madvise failed: bytes=" + sizeBytes);
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether two ranges, which may overlap, have the same bytes. With the widest vectors that the processor has: C's library chooses when it is loaded. */
    static boolean isSame(long address, long other, long sizeBytes) {
        try {
            return (int) MEMCMP.invokeExact(address, other, sizeBytes) == 0;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * A buffer over memory that somebody else keeps alive. Made by the JDK's own back door, since the public way (a memory
     * segment's buffer) makes every read and write of a socket allocate a few objects to guard the segment.
     */
    static ByteBuffer buffer(long address, int sizeBytes) {
        return SharedSecrets.getJavaNioAccess().newDirectByteBuffer(address, sizeBytes);
    }

    @SuppressWarnings("restricted") // plain libc functions with the types that its headers say
    private static MethodHandle function(String name, FunctionDescriptor descriptor, Linker.Option... options) {
        return LINKER.downcallHandle(LINKER.defaultLookup().find(name).orElseThrow(), descriptor, options);
    }
}
