package io.pageferry.metrics;

/** The counters of one multifd channel, in either direction. Written by the channel's thread, read by any. */
public final class ChannelStats {
    /** Packets of all kinds but the initial one: {@code packets_sent}, {@code packets_recved}. */
    public final Counter packets = new Counter();

    /** All bytes of the channel, packets and page data: its share of {@code multifd-bytes}. */
    public final Counter multifdBytes = new Counter();

    /** Pages that went with their bytes: {@code normal}. */
    public final Counter normal = new Counter();

    /** Pages that went as zero pages: {@code duplicate}. */
    public final Counter duplicate = new Counter();

    /** SYNC packets. */
    public final Counter syncs = new Counter();

    /**
     * Buffers handed to {@code MSG_ZEROCOPY} that the kernel had not told to be done with when the channel ended: they
     * are unmapped and never used again. Of a guest in memory a block counts as one.
     */
    public final Counter zeroCopyLostBuffers = new Counter();

    /** The number of the latest packet, out of one count for all channels: {@code packet_num}. */
    public final Gauge packetNum = new Gauge();

    private final ChannelTrace trace;

    ChannelStats(ChannelTrace trace) {
        this.trace = trace;
    }

    /** Where the channel's thread tells what it does. */
    public ChannelTrace trace() {
        return trace;
    }
}
