package io.pageferry.metrics;

import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.stream.Stream;

/** All counters of one migration; names are those of QEMU's {@code query-migrate}. Sums are made when they are asked for. */
public final class MigrationStats {
    private final List<ChannelStats> channels;
    private final Latencies latencies = new Latencies();

    /** Bytes of the main channel. Any thread of the migration adds. */
    public final LongAdder mainBytes = new LongAdder();

    /** Zero pages that went through the main channel. */
    public final LongAdder mainDuplicate = new LongAdder();

    /** Pages that went with their bytes through the main channel. */
    public final LongAdder mainNormal = new LongAdder();

    /** Rounds begun: {@code dirty-sync-count}. */
    public final LongAdder dirtySyncCount = new LongAdder();

    /** Bytes of the device state. */
    public final LongAdder deviceStateBytes = new LongAdder();

    private volatile long totalRamBytes;
    private volatile int pageSizeBytes;
    private volatile PrecopyStatus precopy;
    private volatile Round round = new Round(0, 0);

    /** A round's pages, and how many of all pages were done before it. */
    private record Round(long pages, long pagesBefore) {}

    public MigrationStats(int channels) {
        this.channels = Stream.generate(ChannelStats::new).limit(channels).toList();
    }

    /** One channel's own counters. */
    public ChannelStats channel(int id) {
        return channels.get(id);
    }

    public List<ChannelStats> channels() {
        return channels;
    }

    public Latencies latencies() {
        return latencies;
    }

    /** Says how large the guest is, once that is known. */
    public void guest(long totalRamBytes, int pageSizeBytes) {
        this.totalRamBytes = totalRamBytes;
        this.pageSizeBytes = pageSizeBytes;
    }

    /** {@code ram.total}: 0 while it is not known. */
    public long totalRamBytes() {
        return totalRamBytes;
    }

    /** {@code ram.page-size}. */
    public int pageSizeBytes() {
        return pageSizeBytes;
    }

    /** {@code ram.multifd-bytes}. */
    public long multifdBytes() {
        return sum(channel -> channel.multifdBytes);
    }

    /** {@code ram.transferred}. */
    public long transferredBytes() {
        return multifdBytes() + mainBytes.sum();
    }

    /** {@code ram.normal}. */
    public long normalPages() {
        return sum(channel -> channel.normal) + mainNormal.sum();
    }

    /** {@code ram.duplicate}. */
    public long duplicatePages() {
        return sum(channel -> channel.duplicate) + mainDuplicate.sum();
    }

    public long packets() {
        return sum(channel -> channel.packets);
    }

    private long sum(Function<ChannelStats, Counter> counter) {
        long sum = 0;
        for (int i = 0; i < channels.size(); i++) {
            sum += counter.apply(channels.get(i)).get();
        }
        return sum;
    }

    /** Says that a round begins, and with how many pages. */
    public void beginRound(long pages) {
        dirtySyncCount.increment();
        round = new Round(pages, normalPages() + duplicatePages());
    }

    /** {@code ram.remaining}, as far as the round that goes on knows. */
    public long remainingBytes() {
        Round current = round;
        long done = normalPages() + duplicatePages() - current.pagesBefore();
        return Math.max(0, current.pages() - done) * pageSizeBytes;
    }

    /** How a live guest's rounds go; null before the first one ends, and for a guest that does not run. */
    public PrecopyStatus precopy() {
        return precopy;
    }

    public void precopy(PrecopyStatus status) {
        precopy = status;
    }
}
