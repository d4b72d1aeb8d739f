package io.pageferry.send;

import io.pageferry.memory.IoVector;
import io.pageferry.memory.MemoryRegion;
import io.pageferry.metrics.ChannelStats;
import io.pageferry.net.Connection;
import io.pageferry.net.ZeroCopyOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * QEMU's {@code zero-copy-send}: pages go from where they lie, only what describes them is copied.
 *
 * <p>Memory is {@linkplain MemoryRegion#lend lent} before the kernel has it, and given back only when the kernel has
 * told that it is done with all. However the channel ends before that, the memory stays lent, so that its owner lets
 * nobody have it again. That closing the connection, or resetting it, would end the kernel's reading is not so: what
 * waits in a queue or is with the card refers to the pages still.
 */
final class ZeroCopyPacketWriter implements PacketWriter {
    private final ZeroCopyOutput output;
    private final boolean pagesStay;
    private final LongAdder missed;
    private final ChannelStats stats;

    /** What was lent since the network was done with all: the buffer at hand, or blocks of a guest, which are few. */
    private final List<MemoryRegion> lent = new ArrayList<>();

    private long sendsBeforeFlush;
    private long copiedBeforeFlush;

    /**
     * Takes over the writing to a connection.
     *
     * @param pagesStay whether pages lie where they are until {@link #flush}, as those of a guest in memory do; others
     *     are waited for at once
     * @param missed counts the flushes that found everything copied: {@code dirty-sync-missed-zero-copy}
     * @param stats the channel's, where lost memory is counted
     */
    ZeroCopyPacketWriter(Connection connection, int maxBuffers, boolean pagesStay, LongAdder missed, ChannelStats stats)
            throws IOException {
        this.output = connection.zeroCopyOutput(maxBuffers);
        this.pagesStay = pagesStay;
        this.missed = missed;
        this.stats = stats;
    }

    @Override
    public void write(ByteBuffer bytes, String what) throws IOException {
        output.copyFully(bytes, what);
    }

    @Override
    public void write(IoVector packet, String what) throws IOException {
        ByteBuffer fields = packet.buffers()[0];
        long dataBytes = packet.totalBytes() - fields.remaining();
        output.copyFully(fields, what);
        lend(packet);
        try {
            output.writeFully(packet.buffers(), 1, packet.count() - 1, dataBytes, what);
            if (!pagesStay) {
                output.flush();
            }
        } finally {
            takeBackWhenDone();
        }
    }

    private void lend(IoVector packet) {
        for (int i = 0; i < packet.regions(); i++) {
            MemoryRegion region = packet.region(i);
            if (!lent.contains(region)) {
                region.lend();
                lent.add(region);
            }
        }
    }

    private void takeBackWhenDone() {
        if (output.isDone()) {
            lent.forEach(MemoryRegion::giveBack);
            lent.clear();
        }
    }

    @Override
    public void flush() throws IOException {
        output.flush();
        takeBackWhenDone();
        long sends = output.sends() - sendsBeforeFlush;
        if (sends > 0 && output.copied() - copiedBeforeFlush == sends) {
            missed.increment();
        }
        sendsBeforeFlush = output.sends();
        copiedBeforeFlush = output.copied();
    }

    @Override
    public void close() {
        stats.zeroCopyLostBuffers.add(lent.size());
        output.close();
    }
}
