package io.pageferry.image;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.pageferry.foreign.NativeFunctions;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Linux's {@code statx}: how much room a file takes on disk, holes not counted. Stateless: any thread. */
final class DiskUse {
    private static final long EMPTY_PATH = 0x1000;
    private static final int BLOCKS = 0x400;

    /** Of {@code struct statx}, which is the same on every machine. */
    private static final long STRUCT_BYTES = 256;

    private static final long MASK_OFFSET = 0;
    private static final long BLOCKS_OFFSET = 48;

    /** Whatever the file system's blocks are. */
    private static final long BLOCK_BYTES = 512;

    private static final MethodHandle STATX = NativeFunctions.ofC("statx");

    private DiskUse() {}

    /**
     * How many bytes of the disk are taken by a file, with what was taken ahead and what is still on its way to the
     * disk; -1 where that cannot be said, or the file is closed.
     */
    static long bytes(RandomAccessFile file) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment path = arena.allocate(1); // empty: the file itself
            MemorySegment result = arena.allocate(STRUCT_BYTES, Long.BYTES);
            boolean known = FileCalls.call(STATX, file, path.address(), EMPTY_PATH, BLOCKS, result.address());
            return known && (result.get(JAVA_INT, MASK_OFFSET) & BLOCKS) != 0
                    ? result.get(JAVA_LONG, BLOCKS_OFFSET) * BLOCK_BYTES
                    : -1;
        }
    }
}
