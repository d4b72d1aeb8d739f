package io.pageferry.session.info;

import io.pageferry.metrics.ChannelStats;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.session.MigrationProgress;
import io.pageferry.session.MigrationStatus;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * How far a migration was at one moment: QEMU's {@code MigrationInfo}. Immutable.
 *
 * @param totalTimeMillis since the first connection was made or came
 * @param setupTimeMillis until all channels were there
 * @param downtimeMillis how long the guest has stood still; empty where it has not
 * @param channels in the order of their ids
 */
public record MigrationInfo(
        MigrationStatus status,
        long totalTimeMillis,
        long setupTimeMillis,
        OptionalLong downtimeMillis,
        RamInfo ram,
        List<ChannelInfo> channels) {

    /**
     * All that QEMU 10.0's {@code MigrationRAMInfo} has, in its units: bytes, pages, and Mbit/s.
     *
     * @param transferred bytes on all channels
     * @param remaining bytes of RAM that are still to be sent
     * @param total bytes of RAM
     * @param duplicate zero pages
     * @param normal other pages
     */
    public record RamInfo(
            long transferred,
            long remaining,
            long total,
            long duplicate,
            long normal,
            long normalBytes,
            long dirtyPagesRate,
            double mbps,
            long dirtySyncCount,
            long pageSize,
            long multifdBytes,
            long pagesPerSecond,
            long precopyBytes,
            long downtimeBytes,
            long dirtySyncMissedZeroCopy,
            long postcopyRequests,
            long postcopyBytes) {}

    /**
     * A multifd channel's counters.
     *
     * @param normal pages with content
     * @param duplicate zero pages
     */
    public record ChannelInfo(
            int id, long multifdBytes, long packets, long normal, long duplicate, long zeroCopyLostBuffers) {}

    public MigrationInfo {
        channels = List.copyOf(channels);
    }

    /** How far a migration is now. */
    public static MigrationInfo of(MigrationProgress progress) {
        MigrationStats stats = progress.stats();
        MigrationStatus status = progress.status();
        long downtimeNanos = progress.downtimeNanos();
        return new MigrationInfo(
                status,
                TimeUnit.NANOSECONDS.toMillis(progress.totalNanos()),
                TimeUnit.NANOSECONDS.toMillis(progress.setupTimeNanos()),
                downtimeNanos > 0
                        ? OptionalLong.of(TimeUnit.NANOSECONDS.toMillis(downtimeNanos))
                        : OptionalLong.empty(),
                ramOf(stats, status, progress.activeTimeNanos() / 1e9),
                IntStream.range(0, stats.channels().size())
                        .mapToObj(id -> channelOf(id, stats.channel(id)))
                        .toList());
    }

    private static RamInfo ramOf(MigrationStats stats, MigrationStatus status, double activeSeconds) {
        long normal = stats.normalPages();
        long duplicate = stats.duplicatePages();
        long transferred = stats.transferredBytes();
        return new RamInfo(
                transferred,
                status == MigrationStatus.COMPLETED ? 0 : stats.remainingBytes(),
                stats.totalRamBytes(),
                duplicate,
                normal,
                normal * stats.pageSizeBytes(),
                stats.dirtyPagesRate(),
                activeSeconds == 0 ? 0 : Math.round(transferred * 8 / activeSeconds / 1e4) / 100.0,
                stats.dirtySyncCount.sum(),
                stats.pageSizeBytes(),
                stats.multifdBytes(),
                activeSeconds == 0 ? 0 : Math.round((normal + duplicate) / activeSeconds),
                stats.precopyBytes(),
                stats.downtimeBytes(),
                stats.dirtySyncMissedZeroCopy.sum(),
                stats.postcopyRequests.sum(),
                stats.postcopyBytes());
    }

    private static ChannelInfo channelOf(int id, ChannelStats stats) {
        return new ChannelInfo(
                id,
                stats.multifdBytes.get(),
                stats.packets.get(),
                stats.normal.get(),
                stats.duplicate.get(),
                stats.zeroCopyLostBuffers.get());
    }
}
