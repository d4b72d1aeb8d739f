package io.pageferry.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.memory.PageBatch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What codecs that compress must do besides: gain something, and refuse data that is not their own. */
abstract class CompressingCodecSuite extends PageCodecSuite {
    @Test
    void shouldBeSmallerWhenPagesRepeatThemselves() throws Exception {
        try (PageEncoder encoder = codec().newEncoder(level(), buffers)) {
            byte[] data = encode(encoder, batch(PAGES, 1)); // fresh memory: zeros
            assertTrue(data.length < PAGES * PAGE / 50, "length=" + data.length);
        }
    }

    @Test
    void shouldRefuseDataWhenItIsCut() throws Exception {
        byte[] data = encoded(8);
        assertRefused(Arrays.copyOf(data, data.length / 2), 8);
    }

    @Test
    void shouldRefuseDataWhenItIsEmpty() throws Exception {
        assertRefused(new byte[0], 1);
    }

    @Test
    void shouldRefuseDataWhenItIsOneByte() throws Exception {
        assertRefused(Arrays.copyOf(encoded(1), 1), 1);
    }

    @Test
    void shouldRefuseDataWhenItIsNoStreamOfItsMethod() throws Exception {
        byte[] data = new byte[PAGE];
        random.nextBytes(data);
        data[0] = 0;
        assertRefused(data, 1);
    }

    /** Whatever is done to the data, the outcome is pages or a refusal. */
    @Test
    void shouldDecodeOrRefuseWhenOneByteIsWrong() throws Exception {
        for (int i = 0; i < 8 * PAGE / Long.BYTES; i++) {
            source.region(block)
                    .segment()
                    .setAtIndex(ValueLayout.JAVA_LONG, i, 0x6665727279206f66L * random.nextInt(60));
        }
        byte[] good;
        try (PageEncoder encoder = codec().newEncoder(level(), buffers)) {
            good = encode(encoder, batch(8, 1));
        }
        int refused = 0;
        for (int i = 0; i < 300; i++) {
            byte[] data = good.clone();
            data[random.nextInt(data.length)] ^= (byte) (1 + random.nextInt(255));
            try (PageDecoder decoder = codec().newDecoder(buffers)) {
                decode(decoder, data, batch(8, 1));
            } catch (CodecException e) {
                refused++;
            }
            assertEquals(0, buffers.borrowed());
        }
        assertTrue(refused > 30, "refused=" + refused);
    }

    /** What a running guest writes goes out again; what it does not write has to be right the first time. */
    @Test
    void shouldPackPagesThatStayAsTheyAreWhileOthersChange() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        for (int page = 1; page < PAGES; page += 2) {
            write(page, 1);
        }
        Thread guest = Thread.ofPlatform().name("guest").start(() -> {
            for (long word = 0; !done.get(); word++) {
                for (int page = 0; page < PAGES; page += 2) {
                    write(page, word % 3);
                }
            }
        });
        try (PageEncoder encoder = codec().newEncoder(level(), buffers);
                PageDecoder decoder = codec().newDecoder(buffers)) {
            PageBatch batch = batch(PAGES, 1);
            for (int packet = 0; packet < 200; packet++) {
                decode(decoder, encode(encoder, batch), batch);
                for (int page = 1; page < PAGES; page += 2) {
                    assertEquals(-1, mismatch(page), "page=" + page);
                }
            }
        } finally {
            done.set(true);
            guest.join();
        }
    }

    /** A page of words that are all different, and others for each value. */
    private void write(int page, long value) {
        MemorySegment ram = source.region(block).segment();
        for (long at = 0; at < PAGE; at += Long.BYTES) {
            ram.set(ValueLayout.JAVA_LONG, (long) page * PAGE + at, 0x9e3779b97f4a7c15L * (at + value));
        }
    }

    private long mismatch(int page) {
        long from = (long) page * PAGE;
        return source.region(block)
                .segment()
                .asSlice(from, PAGE)
                .mismatch(target.region(block).segment().asSlice(from, PAGE));
    }

    byte[] encoded(int pages) throws Exception {
        fill(source, 5);
        try (PageEncoder encoder = codec().newEncoder(level(), buffers)) {
            return encode(encoder, batch(pages, 1));
        }
    }

    CodecException assertRefused(byte[] data, int pages) {
        PageBatch batch = batch(pages, 1);
        CodecException refusal = assertThrows(CodecException.class, () -> {
            try (PageDecoder decoder = codec().newDecoder(buffers)) {
                decode(decoder, data, batch);
            }
        });
        assertEquals(0, buffers.borrowed());
        return refusal;
    }
}
