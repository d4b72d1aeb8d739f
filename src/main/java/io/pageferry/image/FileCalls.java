package io.pageferry.image;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import jdk.internal.access.SharedSecrets;

/**
 * Linux's functions for open files that Java has nothing for. Stateless: any thread.
 *
 * <p>All are called as the same thing, six words and one back: the JVM makes some twenty classes for each descriptor
 * that it sees, and page memory has this one already. A function that takes less leaves the rest of the registers
 * alone.
 */
final class FileCalls {
    private static final FunctionDescriptor SIX_WORDS =
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

    private FileCalls() {}

    @SuppressWarnings("restricted") // plain libc functions with the types that their headers say
    static MethodHandle function(String name) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), SIX_WORDS);
    }

    /** Calls a function whose first argument is a file's descriptor, and which returns 0 where it succeeds. */
    static boolean call(MethodHandle function, RandomAccessFile file, long a, long b, long c) {
        return call(function, file, a, b, c, 0);
    }

    static boolean call(MethodHandle function, RandomAccessFile file, long a, long b, long c, long d) {
        try {
            long descriptor = SharedSecrets.getJavaIOFileDescriptorAccess().get(file.getFD());
            // Of what a function returns that returns an int, the upper half is noise.
            return (int) (long) function.invokeExact(descriptor, a, b, c, d, 0L) == 0;
        } catch (IOException e) {
            return false; // closed
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
