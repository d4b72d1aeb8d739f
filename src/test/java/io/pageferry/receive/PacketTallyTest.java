package io.pageferry.receive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PacketTallyTest {
    private final PacketTally tally = new PacketTally(4);

    @Test
    void shouldBeWholeWhenThereAreAsManyPacketsAsTheHighestNumberSays() {
        tally.put(0, 1, 1);
        assertFalse(tally.isWhole());
        tally.put(1, 1, 0);
        assertTrue(tally.isWhole());
        tally.put(0, 3, 4);
        assertFalse(tally.isWhole());
        assertEquals("packets=4 highestNumber=4", tally.toString());
        tally.put(1, 2, 3);
        assertTrue(tally.isWhole());
    }

    /** Of a channel that has not come the SYNC may be the last packet of all: that shows when the next ones come. */
    @Test
    void shouldNotBeWholeAtTheSecondSyncWhenAChannelIsMissing() {
        tally.put(0, 1, 0);
        tally.put(1, 1, 1);
        assertTrue(tally.isWhole()); // a third one's SYNC had number 2
        tally.put(0, 2, 3);
        tally.put(1, 2, 4);
        assertFalse(tally.isWhole());
        tally.put(2, 1, 2);
        assertTrue(tally.isWhole());
    }

    @Test
    void shouldNeverBeWholeWhenNumbersAreNoNumbers() {
        tally.put(0, 1, Long.MAX_VALUE);
        assertFalse(tally.isWhole());
        tally.put(1, 1, -1);
        assertFalse(tally.isWhole());
    }
}
