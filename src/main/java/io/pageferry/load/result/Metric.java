package io.pageferry.load.result;

import java.util.Arrays;
import java.util.Optional;

/** A figure that each turn has one of, and what turns and reports are compared by. */
public enum Metric {
    RATE("rate", "GB/s", Better.HIGHER, "Pages moved a second, every round's, before any compression"),
    WIRE_RATE("wire-rate", "GB/s", Better.NEITHER, "Bytes on the wire a second, all channels"),
    COMPLETION("completion", "ms", Better.LOWER, "From when a migration was due to its end, waiting included: median"),
    COMPLETION_P99("completion-p99", "ms", Better.LOWER, "The same: 99th percentile of the turn's migrations"),
    DOWNTIME("downtime", "ms", Better.LOWER, "For which the guest stood still: median"),
    SOURCE_CPU(
            "source-cpu", "s/GB", Better.LOWER, "Processor time of the source a GB of pages, the guest's own left out"),
    TARGET_CPU("target-cpu", "s/GB", Better.LOWER, "Processor time of the target a GB of pages"),
    WIRE_SHARE("wire-share", "", Better.LOWER, "Bytes on the wire a byte of pages"),
    ROUNDS("rounds", "", Better.NEITHER, "Rounds until the guest arrived: median");

    /** Which way is good news. */
    public enum Better {
        HIGHER,
        LOWER,
        NEITHER
    }

    private final String key;
    private final String unit;
    private final Better better;
    private final String meaning;

    Metric(String key, String unit, Better better, String meaning) {
        this.key = key;
        this.unit = unit;
        this.better = better;
        this.meaning = meaning;
    }

    public String key() {
        return key;
    }

    public String unit() {
        return unit;
    }

    public Better better() {
        return better;
    }

    public String meaning() {
        return meaning;
    }

    static Optional<Metric> find(String key) {
        return Arrays.stream(values()).filter(metric -> metric.key.equals(key)).findFirst();
    }
}
