package io.pageferry.codec;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.pageferry.foreign.NativeFunctions;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * ISA-L, the library that deflates and inflates with vectors: some five and three times as fast as zlib, in the same
 * format. It is not part of the program: it is used where the system's loader finds it. Any thread.
 *
 * <p>The version of its binary interface, 2, says how the structures lie in memory that {@link IsalDeflate} and
 * {@link IsalInflate} use.
 */
final class Isal {
    private static final String LIBRARY = "libisal.so.2";

    /** The one that the structures were seen on. */
    private static final String ARCHITECTURE = "amd64";

    private static final class OfThisMachine {
        static final Optional<Isal> ISAL = load();
    }

    private final MethodHandle deflateInit;
    private final MethodHandle deflate;
    private final MethodHandle inflateInit;
    private final MethodHandle inflate;

    private Isal(SymbolLookup library) {
        deflateInit = NativeFunctions.of(library, "isal_deflate_init", FunctionDescriptor.ofVoid(ADDRESS));
        deflate = NativeFunctions.of(library, "isal_deflate", FunctionDescriptor.of(JAVA_INT, ADDRESS));
        inflateInit = NativeFunctions.of(library, "isal_inflate_init", FunctionDescriptor.ofVoid(ADDRESS));
        inflate = NativeFunctions.of(library, "isal_inflate", FunctionDescriptor.of(JAVA_INT, ADDRESS));
    }

    /** The library, where this machine has it. */
    static Optional<Isal> ofThisMachine() {
        return OfThisMachine.ISAL;
    }

    @SuppressWarnings("restricted") // a library of that name and version is what its headers say
    private static Optional<Isal> load() {
        if (!ARCHITECTURE.equals(System.getProperty("os.arch"))) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Isal(SymbolLookup.libraryLookup(LIBRARY, Arena.global())));
        } catch (IllegalArgumentException | NoSuchElementException | IllegalCallerException e) {
            return Optional.empty(); // not there, another one, or not allowed: the JDK does as well
        }
    }

    void deflateInit(MemorySegment stream) {
        call(deflateInit, stream);
    }

    int deflate(MemorySegment stream) {
        return callForResult(deflate, stream);
    }

    void inflateInit(MemorySegment state) {
        call(inflateInit, state);
    }

    int inflate(MemorySegment state) {
        return callForResult(inflate, state);
    }

    private static void call(MethodHandle function, MemorySegment argument) {
        try {
            function.invokeExact(argument);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static int callForResult(MethodHandle function, MemorySegment argument) {
        try {
            return (int) function.invokeExact(argument);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
