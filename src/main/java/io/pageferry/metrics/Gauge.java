package io.pageferry.metrics;

/** A value with one writer and any number of readers, who see one that is recent and whole. */
public final class Gauge {
    private volatile long value;

    /** For the writer only. */
    public void set(long value) {
        this.value = value;
    }

    public long get() {
        return value;
    }
}
