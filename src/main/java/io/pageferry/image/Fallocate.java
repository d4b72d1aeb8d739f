package io.pageferry.image;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.RandomAccessFile;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import jdk.internal.access.SharedSecrets;

/** Linux's {@code fallocate}: takes a file's room on disk before there is anything to write, and gives it back. Stateless: any thread. */
final class Fallocate {
    private static final int TAKE = 0;
    private static final int KEEP_SIZE_AND_PUNCH_HOLE = 0x01 | 0x02;

    @SuppressWarnings("restricted") // plain libc function with the types that its header says
    private static final MethodHandle FALLOCATE = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().findOrThrow("fallocate"),
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));

    private Fallocate() {}

    /** Takes room, which reads as zeros; makes the file longer where it ends before. False where there is not as much, or the file system knows no such thing. */
    static boolean take(RandomAccessFile file, long position, long lengthBytes) {
        return call(file, TAKE, position, lengthBytes);
    }

    /** Gives room back; what was there reads as zeros from then on. */
    static boolean giveBack(RandomAccessFile file, long position, long lengthBytes) {
        return call(file, KEEP_SIZE_AND_PUNCH_HOLE, position, lengthBytes);
    }

    private static boolean call(RandomAccessFile file, int mode, long position, long lengthBytes) {
        try {
            int descriptor = SharedSecrets.getJavaIOFileDescriptorAccess().get(file.getFD());
            return (int) FALLOCATE.invokeExact(descriptor, mode, position, lengthBytes) == 0;
        } catch (Throwable e) {
            throw new IllegalStateException("fallocate must be there", e);
        }
    }
}
