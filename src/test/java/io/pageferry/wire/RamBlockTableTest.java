package io.pageferry.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RamBlockTableTest {
    private static final int BLOCKS = 4096;

    /** Counts the bytes that are looked at. */
    private static final class CountedPacket extends UnsafeBuffer {
        private long looks;

        CountedPacket(String name) {
            super(new byte[Multifd.IDSTR_BYTES]);
            putBytes(0, name.getBytes(StandardCharsets.US_ASCII));
        }

        @Override
        public byte getByte(int index) {
            looks++;
            return super.getByte(index);
        }
    }

    /**
     * As many blocks as there may be, with names that differ in their last characters only; packets name another one
     * each time.
     */
    @Test
    void shouldLookAtFewTimesANamesBytesWhenBlocksAreManyAndTheirNamesAlike() {
        List<String> names = names(255);
        RamBlockTable table = new RamBlockTable(names, new long[BLOCKS]);
        for (int i = 0; i < BLOCKS; i++) {
            CountedPacket packet = new CountedPacket(names.get(i));
            assertEquals(i, table.indexOf(packet, 0));
            assertTrue(packet.looks >= 255, "looks=" + packet.looks);
            assertTrue(packet.looks <= (13 + 1) * Multifd.IDSTR_BYTES, "looks=" + packet.looks);
        }
        CountedPacket unknown = new CountedPacket("a".repeat(255));
        assertEquals(RamBlockTable.NOT_FOUND, table.indexOf(unknown, 0));
        assertTrue(unknown.looks <= (13 + 1) * Multifd.IDSTR_BYTES, "looks=" + unknown.looks);
    }

    @Test
    void shouldFindEachNameWhereSomeBeginAsOthersDo() {
        List<String> names = names(9);
        Collections.shuffle(names, new Random(20261130));
        names.addAll(List.of("a", "aa", "aaaaaaaaaa", "b", "a0", "pc.ram", "pc.ram2"));
        RamBlockTable table = new RamBlockTable(names, new long[names.size()]);
        RamBlockTable other = table.forAnotherThread();
        for (int i = 0; i < names.size(); i++) {
            assertEquals(i, table.indexOf(new CountedPacket(names.get(i)), 0), names.get(i));
            assertEquals(i, other.indexOf(new CountedPacket(names.get(i)), 0), names.get(i));
        }
        for (String unknown : List.of("", "c", "aaa", "aaaaaaaaa", "pc.ra", "pc.ram3", "\u00ff")) {
            CountedPacket packet = new CountedPacket(unknown);
            assertEquals(RamBlockTable.NOT_FOUND, table.indexOf(packet, 0), unknown);
        }
    }

    private static List<String> names(int length) {
        return new ArrayList<>(IntStream.range(0, BLOCKS)
                .mapToObj(i -> "a".repeat(length - 4) + String.format("%04d", i))
                .toList());
    }
}
