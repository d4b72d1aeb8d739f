package io.pageferry.foreign;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * Finds functions. Those of the C library are all called as the same thing, six words and one back: the JVM makes some
 * twenty classes for each descriptor that it sees, which takes as long as it does to send some ten MiB.
 *
 * <p>A function that takes an {@code int} looks at half of its register, and one that takes less leaves the others
 * alone; of what one returns that returns an {@code int}, the upper half is noise, so that its caller casts to
 * {@code int} first. Not for functions with a variable number of arguments, nor for those of floating-point numbers.
 */
public final class NativeFunctions {
    private static final Linker LINKER = Linker.nativeLinker();

    private static final FunctionDescriptor SIX_WORDS =
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

    private NativeFunctions() {}

    /**
     * A function of the C library, of six words at the most.
     *
     * @return {@code (long, long, long, long, long, long) long}, to be kept in a {@code static final} field
     */
    public static MethodHandle ofC(String name) {
        return ofC(name, SIX_WORDS);
    }

    /**
     * The same, which tells its {@link Errno}.
     *
     * @return {@code (MemorySegment, long, long, long, long, long, long) long}: the first is of {@link Errno#LAYOUT}
     */
    public static MethodHandle ofCWithErrno(String name) {
        return ofC(name, SIX_WORDS, Errno.CAPTURED);
    }

    /** A function of the C library that is to be called otherwise. */
    public static MethodHandle ofC(String name, FunctionDescriptor descriptor, Linker.Option... options) {
        return of(LINKER.defaultLookup(), name, descriptor, options);
    }

    /**
     * A function of any library.
     *
     * @throws java.util.NoSuchElementException where the library does not have it
     */
    @SuppressWarnings("restricted") // the caller answers for what the function's header says
    public static MethodHandle of(
            SymbolLookup library, String name, FunctionDescriptor descriptor, Linker.Option... options) {
        return LINKER.downcallHandle(library.findOrThrow(name), descriptor, options);
    }

    /** Calls a function of {@link #ofC(String)}. */
    public static long call(MethodHandle function, long a, long b, long c, long d, long e, long f) {
        try {
            return (long) function.invokeExact(a, b, c, d, e, f);
        } catch (Throwable failure) {
            throw unexpected(failure);
        }
    }

    /**
     * What to throw where a call fails, which by itself it cannot.
     *
     * @return where it is neither a {@code RuntimeException} nor an {@code Error}
     */
    public static IllegalStateException unexpected(Throwable failure) {
        switch (failure) {
            case RuntimeException known -> throw known;
            case Error known -> throw known;
            default -> {
                return new IllegalStateException(failure);
            }
        }
    }
}
