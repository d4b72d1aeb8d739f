package io.pageferry.testing;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/** Functions of the C library that the JDK has nothing for. */
final class CLibrary {
    private CLibrary() {}

    @SuppressWarnings("restricted")
    static MethodHandle function(String name, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().find(name).orElseThrow(), descriptor);
    }

    /** Calls one whose result is negative where it fails. */
    static long call(MethodHandle function, Object... arguments) {
        long result;
        try {
            result = ((Number) function.invokeWithArguments(arguments)).longValue();
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
        return result;
    }

    static long require(long result, String what) {
        if (result < 0) {
            throw new IllegalStateException("call must succeed: " + what);
        }
        return result;
    }
}
