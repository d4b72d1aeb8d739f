package io.pageferry.perf;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * The processor time, user's and system's, that some processes have had up to a moment. The kernel counts it in steps
 * of 10 ms.
 */
record CpuTime(List<Long> pids, List<Duration> before) {
    static CpuTime of(long... pids) {
        List<Long> all = LongStream.of(pids).boxed().toList();
        return new CpuTime(all, all.stream().map(CpuTime::had).toList());
    }

    /** What they have had since, together. */
    Duration spent() {
        return IntStream.range(0, pids.size()).mapToObj(this::spentBy).reduce(Duration.ZERO, Duration::plus);
    }

    /** What each of them has had since, in their order. */
    List<Double> spentSecondsOfEach() {
        return IntStream.range(0, pids.size())
                .mapToObj(process -> spentBy(process).toNanos() / 1e9)
                .toList();
    }

    private Duration spentBy(int process) {
        return had(pids.get(process)).minus(before.get(process));
    }

    private static Duration had(long pid) {
        return ProcessHandle.of(pid).orElseThrow().info().totalCpuDuration().orElseThrow();
    }
}
