package io.pageferry.perf;

import java.time.Duration;
import java.util.Arrays;

/** The processor time, user's and system's, that some processes have had up to a moment. The kernel counts it in steps of 10 ms. */
record CpuTime(long[] pids, Duration before) {
    static CpuTime of(long... pids) {
        return new CpuTime(pids, total(pids));
    }

    /** What they have had since. */
    Duration spent() {
        return total(pids).minus(before);
    }

    double spentSeconds() {
        return spent().toNanos() / 1e9;
    }

    private static Duration total(long[] pids) {
        return Arrays.stream(pids)
                .mapToObj(pid -> ProcessHandle.of(pid)
                        .orElseThrow()
                        .info()
                        .totalCpuDuration()
                        .orElseThrow())
                .reduce(Duration.ZERO, Duration::plus);
    }
}
