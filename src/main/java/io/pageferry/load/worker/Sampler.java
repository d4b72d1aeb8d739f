package io.pageferry.load.worker;

import io.pageferry.load.result.Histograms;
import io.pageferry.load.result.Turn;
import io.pageferry.metrics.Latencies;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.session.MigrationOutcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Looks at a running migration now and then, on a thread of its own, until it is stopped; then tells all there is to
 * tell.
 */
final class Sampler {
    /** At 4 GB/s there are 20 MB between two samples; a look costs some microseconds. */
    private static final long FIRST_INTERVAL_MILLIS = 5;

    /**
     * Where there are more, every second one goes, and the interval doubles: a long migration has no more samples than
     * a plot has room for.
     */
    private static final int MAX_SAMPLES = 400;

    private final MigrationStats stats;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread;
    private final List<Sent.Sample> samples = new ArrayList<>(); // of the thread, until that has ended

    private Sampler(MigrationStats stats) {
        this.stats = stats;
        this.thread = Thread.ofVirtual().name("sampler").unstarted(this::run);
    }

    static Sampler start(MigrationStats stats) {
        Sampler sampler = new Sampler(stats);
        sampler.thread.start();
        return sampler;
    }

    private void run() {
        long interval = FIRST_INTERVAL_MILLIS;
        try {
            do {
                samples.add(new Sent.Sample(System.nanoTime(), stats.transferredBytes()));
                if (samples.size() == MAX_SAMPLES) {
                    halve();
                    interval *= 2;
                }
            } while (!ended.await(interval, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            // Nobody does that; what there is remains.
        }
    }

    private void halve() {
        List<Sent.Sample> kept = new ArrayList<>();
        for (int i = 0; i < samples.size(); i += 2) {
            kept.add(samples.get(i));
        }
        samples.clear();
        samples.addAll(kept);
    }

    /** Looks no more. */
    void stop() throws InterruptedException {
        ended.countDown();
        thread.join();
    }

    /** The whole story, once stopped. */
    Sent describe(MigrationOutcome outcome, long startNanos, long endNanos, long guestNanos) {
        samples.add(new Sent.Sample(endNanos, stats.transferredBytes()));
        Map<String, String> latencies = new LinkedHashMap<>();
        for (Latencies.Kind kind : Latencies.Kind.values()) {
            latencies.put(
                    kind.label().replace(' ', '-'),
                    Histograms.encode(stats.latencies().histogram(kind)));
        }
        return new Sent(
                Received.of(outcome).error(),
                startNanos,
                endNanos,
                outcome.progress().totalNanos(),
                outcome.progress().setupTimeNanos(),
                outcome.progress().downtimeNanos(),
                stats.transferredBytes(),
                stats.normalPages(),
                stats.duplicatePages(),
                stats.downtimeBytes(),
                guestNanos,
                stats.channels().stream()
                        .map(channel -> channel.multifdBytes.get())
                        .toList(),
                stats.endedRounds().stream()
                        .map(round -> new Turn.Round(round.pages(), round.bytes()))
                        .toList(),
                List.copyOf(samples),
                latencies);
    }
}
