package io.pageferry.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.session.registry.MigrationEntry;
import io.pageferry.store.StoredImage;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.Threads;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a server shares the host's bandwidth out to guests that come and go. */
@LeakFree
@Timeout(60)
class ServerBandwidthTest extends ServerScene {
    /** A guest takes a second or two. */
    private static final long LITTLE_BANDWIDTH = 20_000;

    /** It may always take longer: the machine may have better things to do. */
    @Test
    void shouldReceiveNoFasterThanTheHostMay() throws Exception {
        long bytesPerSecond = 40_000;
        start(parameters().build(), 2, 32, bytesPerSecond);
        long bytes = GuestSources.source(0).connections.stream()
                .mapToLong(sent -> sent.length)
                .sum();
        long start = System.nanoTime();
        take(0);
        double seconds = (System.nanoTime() - start) / 1e9;
        // The last to pay goes on at once; nobody reads more than a buffer of the receiver's at once.
        assertTrue(seconds > (bytes - 2.0 * Source.PAGE_DATA) / bytesPerSecond * 0.5, "seconds=" + seconds);
    }

    /** Else it would be taken for the peer's silence. */
    @Test
    void shouldNotMissAPeerThatItDoesNotListenToForLong() throws Exception {
        start(parameters().stallTimeout(Duration.ofSeconds(1)).build(), 2, 32, 10_000);
        take(0);
    }

    /** The one that begins later has nine tenths of what there is, and so is done first. */
    @Test
    void shouldReceiveMoreOfAGuestThatHasMoreWeight() throws Exception {
        start(parameters().build(), 2, 32, LITTLE_BANDWIDTH, Map.of(GuestSources.uuid(1), 9));
        try (GuestSources crowd = new GuestSources(server.uris().getFirst())) {
            crowd.release();
            crowd.begin(GuestSources.source(0));
            crowd.begin(GuestSources.source(1));
            crowd.awaitClosed();
        }
        assertTrue(migrations.awaitNone(LONG));
        requireEndedFirst(GuestSources.uuid(1));
    }

    @Test
    void shouldSendMoreOfAGuestThatHasMoreWeight() throws Exception {
        start(parameters().build(), 2, 32);
        take(0);
        take(1);
        server.close();
        migrations.close();
        start(parameters().build(), 2, 32, LITTLE_BANDWIDTH, Map.of(GuestSources.uuid(1), 9));
        StoredImage light = imageOf(GuestSources.uuid(0));
        StoredImage heavy = imageOf(GuestSources.uuid(1));
        List<Callable<Void>> destinations = List.of(() -> sendTo(light), () -> {
            Eventually.until("the first", () -> migrations.running() == 1);
            return sendTo(heavy);
        });
        Threads.runTogether(destinations);
        assertTrue(migrations.awaitNone(LONG));
        requireEndedFirst(GuestSources.uuid(1));
    }

    private StoredImage imageOf(UUID guest) {
        return store.list().stream()
                .filter(image -> image.guest().equals(Optional.of(guest)))
                .findFirst()
                .orElseThrow();
    }

    private void requireEndedFirst(UUID guest) {
        List<MigrationEntry> all = migrations.list();
        assertEquals(2, all.size());
        all.forEach(entry ->
                assertEquals(Optional.empty(), entry.outcome().orElseThrow().failure()));
        MigrationEntry first = all.stream()
                .min(Comparator.comparing(entry -> entry.ended().orElseThrow()))
                .orElseThrow();
        assertEquals(Optional.of(guest), first.subject().guest());
    }
}
