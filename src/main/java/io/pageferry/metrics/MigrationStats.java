package io.pageferry.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * All counters of one migration; names are those of QEMU's {@code query-migrate}. Sums are made when they are asked
 * for.
 */
public final class MigrationStats {
    private static final long GUEST_RUNS = -1;
    private static final long NO_POSTCOPY = -1;

    private final MigrationTrace trace = new MigrationTrace();
    private final int mostChannels;

    /** Replaced when one is added. */
    private volatile List<ChannelStats> channels;

    private final Latencies latencies = new Latencies();

    /** Bytes of the main channel. Any thread of the migration adds. */
    public final LongAdder mainBytes = new LongAdder();

    /** Zero pages that went through the main channel. */
    public final LongAdder mainDuplicate = new LongAdder();

    /** Pages that went with their bytes through the main channel. */
    public final LongAdder mainNormal = new LongAdder();

    /** Rounds begun: {@code dirty-sync-count}. */
    public final LongAdder dirtySyncCount = new LongAdder();

    /**
     * Syncs of channels in which pages were copied after all, though zero-copy was asked for:
     * {@code dirty-sync-missed-zero-copy}. Channels add.
     */
    public final LongAdder dirtySyncMissedZeroCopy = new LongAdder();

    /** Bytes of the device state. */
    public final LongAdder deviceStateBytes = new LongAdder();

    /** Requests of a destination for pages that its guest waits for: {@code postcopy-requests}. */
    public final LongAdder postcopyRequests = new LongAdder();

    private volatile long totalRamBytes;
    private volatile int pageSizeBytes;
    private volatile PrecopyStatus precopy;
    private volatile Round round = new Round(0, 0, 0);
    private volatile long bytesAtSwitchover = GUEST_RUNS;
    private volatile long bytesAtPostcopy = NO_POSTCOPY;
    private final List<EndedRound> endedRounds = new ArrayList<>(); // guarded by itself

    /** More than any precopy that converges has; the latest are kept. */
    private static final int MAX_ENDED_ROUNDS = 1_000;

    /**
     * A round that is over.
     *
     * @param number 1 being the first
     * @param pages that it moved, zero ones too
     * @param bytes that were transferred in it
     * @param endNanos when it ended, as {@link System#nanoTime} has it
     */
    public record EndedRound(long number, long pages, long bytes, long endNanos) {}

    /** A round's pages, and what was done before it. */
    private record Round(long pages, long pagesBefore, long bytesBefore) {}

    private final List<MigrationListener> listeners = new CopyOnWriteArrayList<>();

    public MigrationStats(int channels) {
        this(channels, channels);
    }

    private MigrationStats(int channels, int mostChannels) {
        this.mostChannels = mostChannels;
        this.channels = IntStream.range(0, channels).mapToObj(this::newChannel).toList();
    }

    /** Those of a migration whose channels are known one by one as they come. */
    public static MigrationStats ofAtMost(int channels) {
        return new MigrationStats(0, channels);
    }

    private ChannelStats newChannel(int id) {
        return new ChannelStats(new ChannelTrace(trace.migration(), id));
    }

    /** Where the migration's threads tell what they do. */
    public MigrationTrace trace() {
        return trace;
    }

    /** One channel's own counters, from now on among all others' where it is new. */
    public ChannelStats channel(int id) {
        List<ChannelStats> known = channels;
        return id < known.size() ? known.get(id) : add(id);
    }

    private synchronized ChannelStats add(int id) {
        if (id >= mostChannels) {
            throw new IndexOutOfBoundsException(id);
        }
        List<ChannelStats> all = new ArrayList<>(channels);
        while (all.size() <= id) {
            all.add(newChannel(all.size()));
        }
        channels = List.copyOf(all);
        return all.get(id);
    }

    /** Those that are known by now, in the order of their ids. */
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

    /** All channels' {@code packets_sent} or {@code packets_recved}. */
    public long packets() {
        return sum(channel -> channel.packets);
    }

    /** All channels' buffers that the kernel may have read when they ended. */
    public long zeroCopyLostBuffers() {
        return sum(channel -> channel.zeroCopyLostBuffers);
    }

    /** {@code packet_num}: the number of the latest packet on any channel. */
    public long packetNum() {
        long latest = 0;
        List<ChannelStats> known = channels;
        for (int i = 0; i < known.size(); i++) {
            latest = Math.max(latest, known.get(i).packetNum.get());
        }
        return latest;
    }

    /** {@code ram.precopy-bytes}: what was transferred before the guest stopped. */
    public long precopyBytes() {
        long atSwitchover = bytesAtSwitchover;
        return atSwitchover == GUEST_RUNS ? transferredBytes() : atSwitchover;
    }

    /** {@code ram.downtime-bytes}: what was transferred since, until it ran again where its RAM followed it. */
    public long downtimeBytes() {
        long atSwitchover = bytesAtSwitchover;
        return atSwitchover == GUEST_RUNS ? 0 : transferredBytes() - postcopyBytes() - atSwitchover;
    }

    /** {@code ram.postcopy-bytes}: what was transferred while the guest ran at the destination. */
    public long postcopyBytes() {
        long atPostcopy = bytesAtPostcopy;
        return atPostcopy == NO_POSTCOPY ? 0 : transferredBytes() - atPostcopy;
    }

    /** {@code ram.dirty-pages-rate}: pages a second that the guest dirtied in the last round. */
    public long dirtyPagesRate() {
        PrecopyStatus last = precopy;
        return last == null ? 0 : Math.round(last.dirtyRate() / pageSizeBytes);
    }

    private long sum(Function<ChannelStats, Counter> counter) {
        long sum = 0;
        List<ChannelStats> known = channels;
        for (int i = 0; i < known.size(); i++) {
            sum += counter.apply(known.get(i)).get();
        }
        return sum;
    }

    /** Says that the guest has stopped: what is sent from now on is downtime. */
    public void guestStopped() {
        bytesAtSwitchover = transferredBytes();
    }

    /** Says that the guest runs at the destination: what is sent from now on follows it. */
    public void guestRunsThere() {
        bytesAtPostcopy = transferredBytes();
    }

    /** Has a listener told of what happens from now on; see {@link #removeListener}. */
    public void addListener(MigrationListener listener) {
        listeners.add(listener);
    }

    /** Has it told no more. */
    public void removeListener(MigrationListener listener) {
        listeners.remove(listener);
    }

    /** Says that a state of the migration begins; for one thread at a time. */
    public void state(String name, boolean isFinal) {
        trace.state(name, isFinal);
        listeners.forEach(listener -> listener.state(name));
    }

    /** Says that a round begins, and with how many pages, where that is known. For the main thread. */
    public void beginRound(long pages) {
        beginRound(pages, normalPages() + duplicatePages(), transferredBytes());
    }

    private void beginRound(long pages, long pagesBefore, long bytesBefore) {
        dirtySyncCount.increment();
        round = new Round(pages, pagesBefore, bytesBefore);
        trace.beginRound();
        if (!listeners.isEmpty()) {
            long number = dirtySyncCount.sum();
            listeners.forEach(listener -> listener.pass(number));
        }
    }

    /** Says that all of the round's pages are where they belong. For the main thread. */
    public void endRound() {
        endRound(normalPages() + duplicatePages(), transferredBytes());
    }

    private void endRound(long pages, long bytes) {
        Round ended = round;
        long number = dirtySyncCount.sum();
        long ownPages = pages - ended.pagesBefore();
        long ownBytes = bytes - ended.bytesBefore();
        trace.endRound(number, ownPages, ownBytes);
        synchronized (endedRounds) {
            if (endedRounds.size() == MAX_ENDED_ROUNDS) {
                endedRounds.removeFirst();
            }
            endedRounds.add(new EndedRound(number, ownPages, ownBytes, System.nanoTime()));
        }
    }

    /** Rounds that are over, the earliest first; of very many the latest. */
    public List<EndedRound> endedRounds() {
        synchronized (endedRounds) {
            return List.copyOf(endedRounds);
        }
    }

    /**
     * Says that all channels are at a sync, which ends a round, but for the first, and begins another of so far unknown
     * length. For the main thread.
     */
    public void nextRound() {
        long pages = normalPages() + duplicatePages();
        long bytes = transferredBytes();
        if (dirtySyncCount.sum() > 0) {
            endRound(pages, bytes);
        }
        beginRound(0, pages, bytes);
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
