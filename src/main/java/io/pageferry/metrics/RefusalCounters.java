package io.pageferry.metrics;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** How many were refused, by the reason. For any thread. */
public final class RefusalCounters {
    private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

    /** Has reasons be there with 0 before anybody is refused for them: the first time could not be seen as a rise. */
    public void expect(Iterable<String> reasons) {
        reasons.forEach(reason -> counts.computeIfAbsent(reason, _ -> new LongAdder()));
    }

    /**
     * Counts one more.
     *
     * @param reason one of a few words of the code's own, never a peer's: it becomes a label
     */
    public void count(String reason) {
        counts.computeIfAbsent(reason, _ -> new LongAdder()).increment();
    }

    /** What there was so far, by reason. */
    public Map<String, Long> counts() {
        Map<String, Long> now = new TreeMap<>();
        counts.forEach((reason, count) -> now.put(reason, count.sum()));
        return now;
    }
}
