package io.pageferry.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LinkTest {
    private static final Duration NONE = Duration.ZERO;

    @Test
    void shouldBeLoopbackWhenNothingIsAskedFor() throws Exception {
        Link.Shape shape = Link.Shape.of(new Scenario("test", Map.of()));
        assertTrue(shape.isLoopback());
        try (Link link = Link.open(shape)) {
            assertEquals("127.0.0.1", link.host());
            assertEquals(List.of(), link.sourcePrefix());
            assertEquals(List.of(), link.targetPrefix());
        }
    }

    @Test
    void shouldAskForNetemWhenThereIsLatencyOrLoss() {
        assertEquals(
                List.of("netem", "limit", "100000", "delay", "10000us"),
                new Link.Shape(Duration.ofMillis(10), 0, 0).queueing());
        assertEquals(
                List.of("netem", "limit", "100000", "delay", "5000us", "loss", "0.1000%", "rate", "1000000000bit"),
                new Link.Shape(Duration.ofMillis(5), 0.001, 125_000_000).queueing());
        assertEquals(List.of("netem", "limit", "100000", "loss", "50.0000%"), new Link.Shape(NONE, 0.5, 0).queueing());
    }

    @Test
    void shouldDoWithoutNetemWhenOnlyTheRateIsLimited() {
        Link.Shape shape = new Link.Shape(NONE, 0, 1_000_000_000);
        assertFalse(shape.isLoopback());
        assertEquals(List.of("tbf", "rate", "8000000000bit", "burst", "1000000b", "latency", "50ms"), shape.queueing());
    }
}
