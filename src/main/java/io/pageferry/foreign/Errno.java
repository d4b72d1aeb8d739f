package io.pageferry.foreign;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;

/** Why a function of the C library has failed, as it was right after the call. */
public final class Errno {
    /** Of memory that a call leaves it in. */
    public static final MemoryLayout LAYOUT = Linker.Option.captureStateLayout();

    static final Linker.Option CAPTURED = Linker.Option.captureCallState("errno");

    private Errno() {}

    /** The number, where the call has failed. */
    public static int of(MemorySegment captured) {
        return captured.get(JAVA_INT, 0);
    }
}
