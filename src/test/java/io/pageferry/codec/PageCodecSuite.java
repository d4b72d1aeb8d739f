package io.pageferry.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.memory.BufferPool;
import io.pageferry.memory.GuestMemory;
import io.pageferry.memory.IoVector;
import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.RamBlock;
import io.pageferry.memory.RamLayout;
import io.pageferry.testing.LeakFree;
import io.pageferry.wire.Multifd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every codec must do: the other end has all pages of a packet, whatever they are, before the next one is made.
 */
@LeakFree
@Timeout(60)
abstract class PageCodecSuite {
    static final int PAGE = 4096;
    static final int PAGES = 128;
    private static final int PACKETS = 24;

    private final RamLayout layout = new RamLayout(PAGE, List.of("pc.ram"), new long[] {4L * PAGES * PAGE});
    final RamBlock block = layout.block(0);
    final GuestMemory source = new GuestMemory(layout);
    final GuestMemory target = new GuestMemory(layout);
    final BufferPool buffers = new BufferPool(Multifd.MAX_COMPRESSED_BYTES, 1, 1);
    final Random random = new Random(7);

    abstract PageCodec codec();

    abstract int level();

    @AfterEach
    void close() {
        source.close();
        target.close();
        buffers.close();
    }

    @Test
    void shouldHaveAllPagesAtOtherEndWhenPacketIsDecoded() throws Exception {
        assertPagesArrive(codec(), level(), codec());
    }

    void assertPagesArrive(PageCodec from, int level, PageCodec to) throws IOException, InterruptedException {
        try (PageEncoder encoder = from.newEncoder(level, buffers);
                PageDecoder decoder = to.newDecoder(buffers)) {
            for (int packet = 0; packet < PACKETS; packet++) {
                fill(source, packet);
                PageBatch batch = batch(1 + random.nextInt(PAGES), packet % 2 == 0 ? 1 : 3);
                decode(decoder, encode(encoder, batch), batch);
                assertArrived(batch);
                assertEquals(0, buffers.borrowed(), "buffers still taken");
            }
        }
    }

    @Test
    void shouldFitAPacketWhenPagesAreRandom() throws Exception {
        random.nextBytes(new byte[1]);
        fill(source, 0);
        try (PageEncoder encoder = codec().newEncoder(level(), buffers)) {
            byte[] data = encode(encoder, batch(PAGES, 1));
            assertTrue(data.length <= Multifd.MAX_COMPRESSED_BYTES, "length=" + data.length);
        }
    }

    @Test
    void shouldGiveItsBufferBackWhenClosedInTheMiddleOfAPacket() throws Exception {
        PageBatch batch = batch(2, 1);
        byte[] data;
        try (PageEncoder encoder = codec().newEncoder(level(), buffers)) {
            data = encode(encoder, batch);
            encoder.encode(batch, loaded(batch), new IoVector(PAGES + 1));
        }
        try (PageDecoder decoder = codec().newDecoder(buffers)) {
            decoder.receive(peer(data), data.length);
        }
        assertEquals(0, buffers.borrowed());
    }

    /** What a packet's pages are on the wire. */
    byte[] encode(PageEncoder encoder, PageBatch batch) throws IOException, InterruptedException {
        IoVector packet = new IoVector(PAGES + 1);
        encoder.encode(batch, loaded(batch), packet);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < packet.count(); i++) {
            byte[] piece = new byte[packet.buffers()[i].remaining()];
            packet.buffers()[i].get(piece);
            bytes.writeBytes(piece);
        }
        assertEquals(packet.totalBytes(), bytes.size());
        encoder.release();
        return bytes.toByteArray();
    }

    void decode(PageDecoder decoder, byte[] data, PageBatch batch) throws IOException, InterruptedException {
        PageData peer = peer(data);
        decoder.receive(peer, data.length);
        IoVector pages = new IoVector(PAGES);
        for (int slot = 0; slot < batch.normalPages(); slot++) {
            pages.add(target.region(block), batch.offset(slot), PAGE);
        }
        decoder.decode(peer, pages, PAGE);
        decoder.release();
    }

    /** A batch of pages that are so many apart. */
    PageBatch batch(int pages, int step) {
        PageBatch batch = new PageBatch(0, PAGES);
        batch.begin(block);
        for (int i = 0; i < pages; i++) {
            batch.add((long) i * step * PAGE);
        }
        return batch;
    }

    /** Random bytes, text, and zeros, in turns of some pages. */
    void fill(GuestMemory memory, int seed) {
        Random content = new Random(seed);
        MemorySegment ram = memory.region(block).segment();
        for (long page = 0; page < block.pages(); page++) {
            int kind = content.nextInt(3);
            for (long at = page * PAGE; at < (page + 1) * PAGE; at += Long.BYTES) {
                long word = kind == 0 ? content.nextLong() : kind == 1 ? 0x6665727279206f66L + at % 64 : 0;
                ram.set(ValueLayout.JAVA_LONG, at, word);
            }
        }
    }

    private LoadedPages loaded(PageBatch batch) {
        LoadedPages loaded = new LoadedPages(PAGES);
        loaded.begin(source.region(block));
        for (int slot = 0; slot < batch.normalPages(); slot++) {
            loaded.position(slot, batch.offset(slot));
        }
        return loaded;
    }

    static PageData peer(byte[] data) {
        ByteBuffer rest = ByteBuffer.wrap(data);
        return into -> {
            for (int i = 0; i < into.count(); i++) {
                ByteBuffer buffer = into.buffers()[i];
                byte[] piece = new byte[buffer.remaining()];
                rest.get(piece);
                buffer.put(piece);
            }
        };
    }

    private void assertArrived(PageBatch batch) {
        for (int slot = 0; slot < batch.normalPages(); slot++) {
            long offset = batch.offset(slot);
            assertEquals(
                    -1,
                    MemorySegment.mismatch(
                            source.region(block).segment(),
                            offset,
                            offset + PAGE,
                            target.region(block).segment(),
                            offset,
                            offset + PAGE),
                    "page at " + offset);
        }
    }
}
