package io.pageferry.load.rehearsal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Cases worked out by hand. A link of 100 MB/s, unless said otherwise. */
@Timeout(10)
class PrecopyForecastTest {
    private static final double MB = 1e6;
    private static final double GUEST = 1000 * MB;
    private static final Throughput PLAIN = speed(100 * MB, 1, 0, 0);

    @Test
    void shouldTakeOneRoundAndAnEmptyOneWhenTheGuestStandsStill() {
        Forecast forecast = PrecopyForecast.of(
                new GuestLoad(GUEST, 0, 0, GUEST), speed(100 * MB, 1, 0.5, 0.01), Duration.ofMillis(300));
        assertTrue(forecast.converges());
        assertEquals(2, forecast.rounds().size());
        assertEquals(10.51, forecast.totalSeconds() + forecast.downtimeSeconds(), 1e-9);
        assertEquals(10.5, forecast.totalSeconds(), 1e-9);
        assertEquals(0.01, forecast.downtimeSeconds(), 1e-9);
        assertEquals(GUEST, forecast.wireBytes(), 1);
    }

    /** So large a working set is never written twice at one place: a round leaves a tenth of the one before. */
    @Test
    void shouldGoThroughRoundsUntilTheRestFitsIntoTheDowntimeLimit() {
        GuestLoad guest = new GuestLoad(GUEST, 0, 10 * MB, 1e15);
        // 10 s, then 1 s for 100 MB, then 0.1 s for 10 MB: that is within the limit.
        Forecast forecast = PrecopyForecast.of(guest, PLAIN, Duration.ofMillis(300));
        assertTrue(forecast.converges());
        assertEquals(3, forecast.rounds().size());
        assertEquals(11.1, forecast.totalSeconds(), 0.001);
        assertEquals(0.1, forecast.downtimeSeconds(), 0.001);
        assertEquals(1110 * MB, forecast.wireBytes(), MB);
    }

    @Test
    void shouldTakeAnotherRoundWhenTheDowntimeLimitIsTighter() {
        Forecast forecast = PrecopyForecast.of(new GuestLoad(GUEST, 0, 10 * MB, 1e15), PLAIN, Duration.ofMillis(50));
        assertEquals(4, forecast.rounds().size());
        assertEquals(0.01, forecast.downtimeSeconds(), 0.001);
    }

    @Test
    void shouldNotConvergeWhenMoreIsDirtiedThanSent() {
        Forecast forecast = PrecopyForecast.of(new GuestLoad(GUEST, 0, 200 * MB, 1e15), PLAIN, Duration.ofMillis(300));
        assertFalse(forecast.converges());
        assertEquals(6, forecast.rounds().size());
        assertTrue(Double.isNaN(forecast.downtimeSeconds()));
    }

    /** However fast it writes, there is never more to send than it writes to: 20 MB, 0.2 s. */
    @Test
    void shouldConvergeWhenTheWorkingSetFitsIntoTheDowntimeLimit() {
        Forecast forecast =
                PrecopyForecast.of(new GuestLoad(GUEST, 0, 1000 * MB, 20 * MB), PLAIN, Duration.ofMillis(300));
        assertTrue(forecast.converges());
        assertEquals(0.2, forecast.downtimeSeconds(), 1e-6);
        assertEquals(10.2, forecast.totalSeconds(), 1e-6);
    }

    @Test
    void shouldNotConvergeWhenTheWorkingSetDoesNotFit() {
        assertFalse(PrecopyForecast.of(new GuestLoad(GUEST, 0, 1000 * MB, 40 * MB), PLAIN, Duration.ofMillis(300))
                .converges());
    }

    /** Half of it takes 5 s, and the other half next to nothing: 8 bytes a page on the wire. */
    @Test
    void shouldCountZeroPagesAtTheirOwnRate() {
        Throughput fastZeros = new Throughput(100 * MB, 100 * MB, 5000 * MB, 1, 0, 0, 1e-9, "link");
        Forecast forecast = PrecopyForecast.of(new GuestLoad(GUEST, 0.5, 0, GUEST), fastZeros, Duration.ofMillis(300));
        assertEquals(5.1, forecast.totalSeconds(), 1e-9);
        assertEquals(500 * MB + 500 * MB / 512, forecast.wireBytes(), 1);
        assertEquals(0.5, forecast.cpuSeconds(), 1e-9);
    }

    /**
     * Pageferry's source compares pages before compression with bytes after it: with pages packed to a quarter, 40 MB
     * that go in 0.1 s are expected to take 0.4 s.
     */
    @Test
    void shouldJudgeByBytesOnTheWireAsTheSourceDoes() {
        Throughput packed = speed(400 * MB, 0.25, 0, 0);
        GuestLoad guest = new GuestLoad(GUEST, 0, 1e9, 40 * MB);
        assertFalse(PrecopyForecast.of(guest, packed, Duration.ofMillis(300)).converges());
        Forecast forecast = PrecopyForecast.of(guest, packed, Duration.ofMillis(410));
        assertTrue(forecast.converges());
        assertEquals(0.1, forecast.downtimeSeconds(), 1e-6);
    }

    /**
     * All of it goes at 100 MB/s, what is dirtied at 50: 10 s, then 2 s for 100 MB and, standing still, 0.4 s for 20.
     */
    @Test
    void shouldSendWhatIsDirtiedAtTheRateOfScatteredPages() {
        Throughput scattered = new Throughput(100 * MB, 50 * MB, 100 * MB, 1, 0, 0.01, 0, "link");
        Forecast forecast =
                PrecopyForecast.of(new GuestLoad(GUEST, 0, 10 * MB, 1e15), scattered, Duration.ofMillis(500));
        assertEquals(3, forecast.rounds().size());
        assertEquals(12.4, forecast.totalSeconds(), 0.001);
        assertEquals(0.41, forecast.downtimeSeconds(), 0.001);
    }

    private static Throughput speed(double rate, double wireShare, double setup, double switching) {
        return new Throughput(rate, rate, rate, wireShare, setup, switching, 0, "link");
    }
}
