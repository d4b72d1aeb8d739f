package io.pageferry.send;

import io.pageferry.memory.IoVector;
import io.pageferry.net.Connection;
import io.pageferry.net.ZeroCopyOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.LongAdder;

/** QEMU's {@code zero-copy-send}: pages go from where they lie, only what describes them is copied. */
final class ZeroCopyPacketWriter implements PacketWriter {
    private final ZeroCopyOutput output;
    private final boolean pagesStay;
    private final LongAdder missed;

    private long sendsBeforeFlush;
    private long copiedBeforeFlush;

    /**
     * Takes over the writing to a connection.
     *
     * @param pagesStay whether pages lie where they are until {@link #flush}, as those of a guest in memory do; others are waited for at once
     * @param missed counts the flushes that found everything copied: {@code dirty-sync-missed-zero-copy}
     */
    ZeroCopyPacketWriter(Connection connection, int maxBuffers, boolean pagesStay, LongAdder missed)
            throws IOException {
        this.output = connection.zeroCopyOutput(maxBuffers);
        this.pagesStay = pagesStay;
        this.missed = missed;
    }

    @Override
    public void write(ByteBuffer bytes, String what) throws IOException, InterruptedException {
        output.copyFully(bytes, what);
    }

    @Override
    public void write(IoVector packet, String what) throws IOException, InterruptedException {
        ByteBuffer fields = packet.buffers()[0];
        long dataBytes = packet.totalBytes() - fields.remaining();
        output.copyFully(fields, what);
        output.writeFully(packet.buffers(), 1, packet.count() - 1, dataBytes, what);
        if (!pagesStay) {
            output.flush();
        }
    }

    @Override
    public void flush() throws IOException, InterruptedException {
        output.flush();
        long sends = output.sends() - sendsBeforeFlush;
        if (sends > 0 && output.copied() - copiedBeforeFlush == sends) {
            missed.increment();
        }
        sendsBeforeFlush = output.sends();
        copiedBeforeFlush = output.copied();
    }

    @Override
    public void close() {
        output.close();
    }
}
