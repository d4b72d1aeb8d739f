package io.pageferry.perf;

/** Bytes that were moved, and the time it took. */
record Rate(long bytes, long nanos) {
    double gigabytesPerSecond() {
        return (double) bytes / nanos;
    }
}
