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
 * <p>The version of its binary interface, 2, says how the structures lie in memory that {@link IsalStream} and
 * {@link IsalState} are.
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
    private final MethodHandle deflateStatelessInit;
    private final MethodHandle deflateStateless;
    private final MethodHandle inflateInit;
    private final MethodHandle inflate;
    private final MethodHandle inflateStateless;

    private Isal(SymbolLookup library) {
        deflateInit = procedure(library, "isal_deflate_init");
        deflate = function(library, "isal_deflate");
        deflateStatelessInit = procedure(library, "isal_deflate_stateless_init");
        deflateStateless = function(library, "isal_deflate_stateless");
        inflateInit = procedure(library, "isal_inflate_init");
        inflate = function(library, "isal_inflate");
        inflateStateless = function(library, "isal_inflate_stateless");
    }

    private static MethodHandle procedure(SymbolLookup library, String name) {
        return NativeFunctions.of(library, name, FunctionDescriptor.ofVoid(ADDRESS));
    }

    private static MethodHandle function(SymbolLookup library, String name) {
        return NativeFunctions.of(library, name, FunctionDescriptor.of(JAVA_INT, ADDRESS));
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

    void deflateStatelessInit(MemorySegment stream) {
        call(deflateStatelessInit, stream);
    }

    int deflateStateless(MemorySegment stream) {
        return callForResult(deflateStateless, stream);
    }

    void inflateInit(MemorySegment state) {
        call(inflateInit, state);
    }

    int inflate(MemorySegment state) {
        return callForResult(inflate, state);
    }

    int inflateStateless(MemorySegment state) {
        return callForResult(inflateStateless, state);
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
