package io.pageferry.image;

import io.pageferry.foreign.NativeFunctions;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.invoke.MethodHandle;
import jdk.internal.access.SharedSecrets;

/** Linux's functions for open files that Java has nothing for. Stateless: any thread. */
final class FileCalls {
    private FileCalls() {}

    /** Calls a function whose first argument is a file's descriptor, and which returns 0 where it succeeds. */
    static boolean call(MethodHandle function, RandomAccessFile file, long a, long b, long c) {
        return call(function, file, a, b, c, 0);
    }

    static boolean call(MethodHandle function, RandomAccessFile file, long a, long b, long c, long d) {
        try {
            long descriptor = SharedSecrets.getJavaIOFileDescriptorAccess().get(file.getFD());
            return (int) NativeFunctions.call(function, descriptor, a, b, c, d, 0) == 0;
        } catch (IOException e) {
            return false; // closed
        }
    }
}
