package io.pageferry.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What codecs must do whose channel is one stream: gain by what went before, and tell pages from more and less. */
abstract class StreamCodecSuite extends CompressingCodecSuite {
    /** One stream a channel: what went before helps. */
    @Test
    void shouldBeSmallerWhenThePacketBeforeWasTheSame() throws Exception {
        new Random(1).ints(PAGE / Integer.BYTES).forEach(this::append);
        try (PageEncoder encoder = codec().newEncoder(level(), buffers)) {
            byte[] first = encode(encoder, batch(1, 1));
            byte[] second = encode(encoder, batch(1, 1));
            assertTrue(second.length < first.length / 10, "first=" + first.length + " second=" + second.length);
        }
    }

    @Test
    void shouldRefuseDataWhenItHasTooFewPages() throws Exception {
        byte[] data = encoded(3);
        CodecException refusal = assertRefused(data, 4);
        assertEquals(
                "packet's data must have all its pages: next_packet_size=" + data.length + " expected=16384",
                refusal.getMessage());
    }

    @Test
    void shouldRefuseDataWhenItHasTooManyPages() throws Exception {
        byte[] data = encoded(4);
        CodecException refusal = assertRefused(data, 3);
        assertEquals(
                "packet's data must have its pages and no more: next_packet_size=" + data.length + " expected=12288",
                refusal.getMessage());
    }

    private long end;

    private void append(int word) {
        source.region(block).segment().set(ValueLayout.JAVA_INT, end, word);
        end += Integer.BYTES;
    }
}
