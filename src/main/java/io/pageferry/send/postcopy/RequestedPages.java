package io.pageferry.send.postcopy;

import io.pageferry.checkpoint.WorkingSet;
import io.pageferry.memory.RamBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Remembers which pages the guest has waited for, and when: its working set. Written by the return path's thread. */
final class RequestedPages {
    private final List<WorkingSet.Entry> entries = new ArrayList<>();
    private final long startNanos = System.nanoTime();

    /** A page was asked for that had not been sent. */
    void add(RamBlock block, long page) {
        if (entries.size() < WorkingSet.MAX_ENTRIES) {
            long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - startNanos);
            entries.add(new WorkingSet.Entry((int) Math.min(micros, Integer.MAX_VALUE), block.index(), page));
        }
    }

    /** All of them, once that thread has ended. */
    WorkingSet all() {
        return WorkingSet.of(entries);
    }
}
