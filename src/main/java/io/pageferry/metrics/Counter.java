package io.pageferry.metrics;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** A counter with one writer and any number of readers, who see a value that is recent and whole. */
public final class Counter {
    private static final VarHandle VALUE;

    static {
        try {
            VALUE = MethodHandles.lookup().findVarHandle(Counter.class, "value", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private long value;

    /** For the writer only: no lock, no atomic instruction. */
    public void add(long amount) {
        VALUE.setRelease(this, value + amount);
    }

    public long get() {
        return (long) VALUE.getAcquire(this);
    }
}
