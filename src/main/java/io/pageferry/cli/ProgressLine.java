package io.pageferry.cli;

import io.pageferry.config.ByteSize;
import io.pageferry.config.TimeSpan;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.metrics.PrecopyStatus;
import io.pageferry.session.MigrationProgress;
import io.pageferry.session.MigrationStatus;
import io.pageferry.supervision.Threads;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows a migration while it runs, on stderr: a line that is written over and over where that is a terminal, a log line
 * now and then where it is not. Has a thread of its own until it is closed.
 */
final class ProgressLine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("pageferry");
    private static final long TERMINAL_MILLIS = 100;
    private static final long LOG_MILLIS = 5_000;
    private static final String CLEAR_LINE = "\r\033[K";

    /** A line that is wider than the terminal must not go on in the next one: that one would not be cleared. */
    private static final String NO_WRAP = "\033[?7l";

    private static final String WRAP = "\033[?7h";

    /** States in which pages go. */
    private static final Set<MigrationStatus> MOVING =
            EnumSet.of(MigrationStatus.ACTIVE, MigrationStatus.POSTCOPY_ACTIVE);

    private final MigrationProgress progress;
    private final boolean terminal = Terminal.isStderr() && !LogSetup.isJson();
    private final Thread thread;

    private MigrationStatus lastStatus = MigrationStatus.NONE;
    private long lastNanos = System.nanoTime();
    private long lastBytes;
    private long lastCovered;

    ProgressLine(MigrationProgress progress) {
        this.progress = progress;
        thread = Thread.ofVirtual().name("progress").start(this::run);
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(terminal ? TERMINAL_MILLIS : LOG_MILLIS);
                show();
            }
        } catch (InterruptedException e) {
            if (terminal) {
                System.err.print(CLEAR_LINE);
                System.err.flush();
            }
        }
    }

    private void show() {
        MigrationStatus status = progress.status();
        if (status == MigrationStatus.NONE || status == lastStatus && !MOVING.contains(status)) {
            return;
        }
        lastStatus = status;
        long now = System.nanoTime();
        long bytes = progress.stats().transferredBytes();
        double rate = (bytes - lastBytes) / ((now - lastNanos) / 1e9);
        long covered = covered();
        double coveredRate = (covered - lastCovered) / ((now - lastNanos) / 1e9);
        lastNanos = now;
        lastBytes = bytes;
        lastCovered = covered;
        String line = describe(status, rate, coveredRate);
        if (terminal) {
            System.err.print(CLEAR_LINE + NO_WRAP + line + WRAP);
            System.err.flush();
        } else {
            LOG.info(line);
        }
    }

    /** How much of a guest's RAM has gone or come, zero pages too; more than all of it where it goes again. */
    private long covered() {
        MigrationStats stats = progress.stats();
        return (stats.normalPages() + stats.duplicatePages()) * stats.pageSizeBytes();
    }

    private String describe(MigrationStatus status, double rate, double coveredRate) {
        MigrationStats stats = progress.stats();
        StringBuilder line = new StringBuilder(status.qemuName());
        if (MOVING.contains(status) || status == MigrationStatus.DEVICE) {
            line.append(String.format(
                    Locale.ROOT,
                    "  %s of %s  %s/s",
                    ByteSize.format(stats.transferredBytes()),
                    ByteSize.format(stats.totalRamBytes()),
                    ByteSize.format((long) rate)));
        }
        long round = stats.dirtySyncCount.sum();
        if (round > 0) {
            line.append("  round ").append(round);
        }
        long remaining = stats.remainingBytes();
        if (remaining > 0) {
            line.append("  dirty pages left ").append(remaining / stats.pageSizeBytes());
            if (rate > 0) {
                line.append("  ETA ").append(TimeSpan.format((long) (remaining / rate * 1e9)));
            }
        }
        // Who takes a guest in is not told what is left; of the first round, which is the longest, it is the rest.
        long rest = stats.totalRamBytes() - lastCovered;
        if (remaining == 0 && rest > 0 && coveredRate > 0 && MOVING.contains(status)) {
            line.append("  ETA ").append(TimeSpan.format((long) (rest / coveredRate * 1e9)));
        }
        PrecopyStatus precopy = stats.precopy();
        if (precopy != null) {
            line.append("  expected downtime ").append(TimeSpan.format(precopy.expectedDowntimeNanos()));
            if (!precopy.converges()) {
                line.append("  will not converge");
            }
        }
        return line.toString();
    }

    @Override
    public void close() {
        thread.interrupt();
        Threads.joinUninterruptibly(thread);
    }
}
