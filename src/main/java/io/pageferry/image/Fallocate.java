package io.pageferry.image;

import io.pageferry.foreign.NativeFunctions;
import java.io.RandomAccessFile;
import java.lang.invoke.MethodHandle;

/**
 * Linux's {@code fallocate}: takes a file's room on disk before there is anything to write, and gives it back.
 * Stateless: any thread.
 */
final class Fallocate {
    private static final int TAKE = 0;
    private static final int KEEP_SIZE_AND_PUNCH_HOLE = 0x01 | 0x02;

    private static final MethodHandle FALLOCATE = NativeFunctions.ofC("fallocate");

    private Fallocate() {}

    /**
     * Takes room, which reads as zeros; makes the file longer where it ends before. False where there is not as much,
     * or the file system knows no such thing.
     */
    static boolean take(RandomAccessFile file, long position, long lengthBytes) {
        return FileCalls.call(FALLOCATE, file, TAKE, position, lengthBytes);
    }

    /** Gives room back; what was there reads as zeros from then on. */
    static boolean giveBack(RandomAccessFile file, long position, long lengthBytes) {
        return FileCalls.call(FALLOCATE, file, KEEP_SIZE_AND_PUNCH_HOLE, position, lengthBytes);
    }
}
