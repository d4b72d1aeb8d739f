package io.pageferry.load.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.load.LoadException;
import io.pageferry.load.Scenario;
import io.pageferry.testing.NetworkNamespaces;
import java.lang.ProcessBuilder.Redirect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LinkTest {
    private static final Duration NONE = Duration.ZERO;
    private static final Link.Shape RATE_ALONE = new Link.Shape(NONE, 0, 1_000_000_000);

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
                List.of("netem", "limit", "1000000", "delay", "10000us"),
                new Link.Shape(Duration.ofMillis(10), 0, 0).queueing());
        assertEquals(List.of("netem", "limit", "1000000", "loss", "50.0000%"), new Link.Shape(NONE, 0.5, 0).queueing());
    }

    /** Under way are 5 ms' worth of packets of 1500 bytes, and in the queue up to 50 ms'. */
    @Test
    void shouldHaveAQueueAsASwitchHasWhenTheRateIsLimitedToo() {
        assertEquals(
                List.of("netem", "limit", "4583", "delay", "5000us", "loss", "0.1000%", "rate", "1000000000bit"),
                new Link.Shape(Duration.ofMillis(5), 0.001, 125_000_000).queueing());
        assertEquals(
                List.of("netem", "limit", "100", "delay", "5000us", "rate", "8000000bit"),
                new Link.Shape(Duration.ofMillis(5), 0, 1_000_000).queueing());
        assertEquals(
                List.of("netem", "limit", "1000000", "delay", "5000us", "rate", "8000000000000bit"),
                new Link.Shape(Duration.ofMillis(5), 0, 1_000_000_000_000L).queueing());
    }

    @Test
    void shouldLosePacketsOneByOneWhenItIsALongLink() {
        assertTrue(new Link.Shape(NONE, 0.5, 0).hasSmallPackets());
        assertTrue(new Link.Shape(Duration.ofMillis(1), 0, 0).hasSmallPackets());
        assertFalse(new Link.Shape(NONE, 0, 1_000_000).hasSmallPackets());
    }

    @Test
    void shouldDoWithoutNetemWhenOnlyTheRateIsLimited() {
        assertFalse(RATE_ALONE.isLoopback());
        assertEquals(
                List.of("tbf", "rate", "8000000000bit", "burst", "1000000b", "latency", "50ms"), RATE_ALONE.queueing());
    }

    @Test
    void shouldBeGoneWithTheLastProcessInIt() throws Exception {
        NetworkNamespaces.assumeLinks();
        String namespace;
        try (Link link = Link.open(RATE_ALONE)) {
            List<String> said = runIn(link, "readlink /proc/self/ns/net; ip -o -4 address; tc qdisc show dev wire0");
            namespace = said.getFirst();
            assertTrue(said.stream().anyMatch(line -> line.contains("10.0.0.1/24")), said.toString());
            assertTrue(said.stream().anyMatch(line -> line.startsWith("qdisc tbf ")), said.toString());
            assertEquals(1, NetworkNamespaces.processesIn(namespace), "its keeper is in it");
        }
        assertEquals(0, NetworkNamespaces.processesIn(namespace));
    }

    private static List<String> runIn(Link link, String script) throws Exception {
        List<String> command = new ArrayList<>(link.sourcePrefix());
        command.addAll(List.of("sh", "-c", script));
        Process inside =
                new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
        List<String> said = inside.inputReader().lines().toList();
        assertEquals(0, inside.waitFor());
        return said;
    }

    @Test
    void shouldLeaveNothingWhenItCannotBeMadeToItsEnd() throws Exception {
        NetworkNamespaces.assumeLinks();
        Link.Shape shape = new Link.Shape(NONE, 0, Long.MAX_VALUE / Byte.SIZE); // more than tc takes
        Set<Long> before = children();
        String message =
                assertThrows(LoadException.class, () -> Link.open(shape)).getMessage();
        assertTrue(message.startsWith("link needs root, ip and tc"), message);
        assertTrue(message.contains("tc qdisc add dev wire0 root tbf"), message);
        assertEquals(before, children());
    }

    private static Set<Long> children() {
        return ProcessHandle.current().children().map(ProcessHandle::pid).collect(Collectors.toSet());
    }
}
