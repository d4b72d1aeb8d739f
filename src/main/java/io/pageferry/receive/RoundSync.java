package io.pageferry.receive;

import io.pageferry.metrics.ChannelStats;
import io.pageferry.metrics.Latencies;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.stream.Dialect;
import io.pageferry.stream.WireProperty;
import java.io.IOException;

/**
 * Has the channels wait for each other where the main stream says so. Of the main thread.
 *
 * <p>Whether syncs are per round or per section is not said anywhere, but the first section has one: where a
 * MULTIFD_FLUSH stands in it they are per round, and where none does its end was one already.
 */
final class RoundSync {
    private final SyncBarrier barrier;
    private final MigrationStats stats;
    private final Runnable whenAllAreKnown;
    private boolean firstSectionEnded;
    private boolean perRound;

    /**
     * Makes one for the beginning of a stream.
     *
     * @param whenAllAreKnown run once it is certain that all channels have come, where that was not known before
     */
    RoundSync(SyncBarrier barrier, MigrationStats stats, Runnable whenAllAreKnown) {
        this.barrier = barrier;
        this.whenAllAreKnown = whenAllAreKnown;
        this.stats = stats;
    }

    /**
     * MULTIFD_FLUSH.
     *
     * @param position where it stands in the stream
     */
    void flush(long position) throws IOException, InterruptedException {
        if (firstSectionEnded && !perRound) {
            throw new ReceiveException("syncs must be per round or per section, not both: position=" + position);
        }
        perRound = true;
        sync();
    }

    void endOfSection() throws IOException, InterruptedException {
        firstSectionEnded = true;
        if (!perRound) {
            sync();
        }
    }

    /**
     * How the source spoke. One whose channels brought no page may have been unsure itself what we expect, and synced
     * for both: then nothing is known.
     */
    Dialect dialect() {
        boolean pagesOnChannels = stats.channels().stream().anyMatch(RoundSync::hasBroughtPages);
        return perRound || firstSectionEnded && pagesOnChannels
                ? Dialect.UNKNOWN.with(WireProperty.MULTIFD_FLUSH_AFTER_EACH_SECTION, !perRound)
                : Dialect.UNKNOWN;
    }

    private static boolean hasBroughtPages(ChannelStats channel) {
        return channel.normal.get() > 0 || channel.duplicate.get() > 0;
    }

    private void sync() throws IOException, InterruptedException {
        long start = System.nanoTime();
        stats.trace().beginRecvSync();
        if (barrier.collect()) {
            whenAllAreKnown.run();
        }
        stats.trace().recvSyncMain(stats.packetNum());
        stats.latencies().record(Latencies.Kind.SYNC, System.nanoTime() - start);
    }
}
