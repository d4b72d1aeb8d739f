package io.pageferry.load.rehearsal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Cases worked out by hand: a link of 1 GB/s, and processors that take 0.1 s a GB for bytes as they are. */
@Timeout(10)
class ThroughputTest {
    private static final LinkProfile TWO = new LinkProfile(2, 1e9, 0.8e9, 10e9, 0.02, 0.003, 0.1e-9, 0.1e-9);

    /** To a half, at 0.4 s a GB, and back at 0.1. */
    private static final CodecCost HALF = new CodecCost(0.5, 0.4e-9, 0.1e-9);

    @Test
    void shouldBeTheLinksRateWhenNothingElseHolds() {
        Throughput speed = Throughput.of(CodecCost.NONE, TWO, 0, 4, true);
        assertEquals(1e9, speed.normalRate(), 1);
        assertEquals("link", speed.limit());
        assertEquals(0.2e-9, speed.cpuSecondsPerByte(), 1e-15);
        assertEquals(0.02, speed.setupSeconds());
        assertEquals(0.003, speed.switchSeconds());
    }

    @Test
    void shouldBeHeldByMaxBandwidthOnTheWire() {
        assertEquals(
                "max-bandwidth",
                Throughput.of(CodecCost.NONE, TWO, 100_000_000, 4, true).limit());
        assertEquals(
                1e8, Throughput.of(CodecCost.NONE, TWO, 100_000_000, 4, true).normalRate(), 1);
        assertEquals(2e8, Throughput.of(HALF, TWO, 100_000_000, 4, true).normalRate(), 1);
    }

    @Test
    void shouldBringMoreThroughANarrowLinkWhenPacked() {
        Throughput speed = Throughput.of(HALF, TWO, 0, 64, false);
        assertEquals("link", speed.limit());
        assertEquals(2e9, speed.normalRate(), 1);
    }

    /** 0.4 and half of 0.1 s a GB, on one channel. */
    @Test
    void shouldBeHeldByPackingWhenChannelsAreFew() {
        LinkProfile one = new LinkProfile(1, 10e9, 10e9, 10e9, 0, 0, 0.1e-9, 0.1e-9);
        Throughput speed = Throughput.of(HALF, one, 0, 64, false);
        assertEquals("packing", speed.limit());
        assertEquals(1 / 0.45e-9, speed.normalRate(), 1);
    }

    @Test
    void shouldBeHeldByUnpackingWhenThatIsSlower() {
        LinkProfile one = new LinkProfile(1, 10e9, 10e9, 10e9, 0, 0, 0, 0);
        Throughput speed = Throughput.of(new CodecCost(0.5, 0.1e-9, 0.5e-9), one, 0, 64, false);
        assertEquals("unpacking", speed.limit());
        assertEquals(2e9, speed.normalRate(), 1);
    }

    /** Both ends take 0.45 + 0.15 s a GB from the same two processors. */
    @Test
    void shouldShareProcessorsWhenBothEndsAreOnOneMachine() {
        LinkProfile eight = new LinkProfile(8, 100e9, 100e9, 10e9, 0, 0, 0.1e-9, 0.1e-9);
        Throughput shared = Throughput.of(HALF, eight, 0, 2, true);
        assertEquals("processors", shared.limit());
        assertEquals(2 / 0.6e-9, shared.normalRate(), 1);
        assertEquals(2 / 0.45e-9, Throughput.of(HALF, eight, 0, 2, false).normalRate(), 1);
    }

    @Test
    void shouldSlowScatteredPagesDownWhereTheLinkIsWhatHolds() {
        Throughput link = Throughput.of(CodecCost.NONE, TWO, 0, 4, true);
        assertEquals(0.8e9, link.scatteredRate(), 1);
        assertEquals(1.0, link.scatteredSeconds(0.8e9, 0), 1e-9);
        assertEquals(0.5 + 0.04, link.scatteredSeconds(0.8e9, 0.5), 1e-9);
        assertEquals(1.6e9, Throughput.of(HALF, TWO, 0, 64, false).scatteredRate(), 1);
        Throughput limited = Throughput.of(CodecCost.NONE, TWO, 100_000_000, 4, true);
        assertEquals(1e8, limited.scatteredRate(), 1);
    }
}
