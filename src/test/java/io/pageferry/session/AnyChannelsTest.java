package io.pageferry.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.config.MultifdCompression;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.net.Listener;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.OddConnectionProxy;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A source has whatever number of channels, and nobody has told the destination; whatever comes of it has no holes. */
@LeakFree
@Timeout(60)
class AnyChannelsTest {
    private static final MigrationUri ANY_PORT = new MigrationUri.Tcp("127.0.0.1", 0);
    private static final long MIB = 1L << 20;
    private static final Duration LATE = Duration.ofMillis(700);

    @ParameterizedTest(name = "{0} channels, flush after each section {1}, {2}")
    @CsvSource({
        "1, false, NONE",
        "2, true, NONE",
        "3, false, ZSTD",
        "16, false, ZLIB",
        "255, false, NONE",
        "255, true, NONE"
    })
    void shouldTakeAnyNumberOfChannels(int channels, boolean flushAfterEachSection, MultifdCompression compression)
            throws Exception {
        MigrationParameters.Builder parameters =
                parameters().flushAfterEachSection(flushAfterEachSection).compression(compression);
        requireTaken(parameters, channels, 0, Duration.ZERO);
    }

    @ParameterizedTest(name = "connection {0} is late, flush after each section {1}")
    @CsvSource({"0, false", "1, false", "1, true", "2, false", "4, false", "4, true"})
    void shouldWaitForAConnectionThatComesLate(int odd, boolean flushAfterEachSection) throws Exception {
        requireTaken(parameters().flushAfterEachSection(flushAfterEachSection), 4, odd, LATE);
    }

    @Test
    void shouldTakeSourceWithoutChannels() throws Exception {
        MigrationParameters.Builder parameters = parameters().disable(MigrationCapability.MULTIFD);
        requireTaken(parameters, 0, 0, Duration.ZERO);
    }

    @ParameterizedTest(name = "connection {0} is lost")
    @ValueSource(ints = {1, 3, 4})
    void shouldRefuseGuestWhenAConnectionNeverComes(int odd) throws Exception {
        MigrationParameters.Builder parameters = parameters().stallTimeout(Duration.ofMillis(800));
        String line = failure(parameters, 4, odd);
        assertTrue(
                line.startsWith("peer must not be silent for longer than stall-timeout: ")
                        && line.contains("awaited=\"another channel, of which packets are missing: channels={"),
                line);
    }

    @Test
    void shouldRefuseGuestWhenItHasMoreChannelsThanTheMost() throws Exception {
        String failure = failure(parameters().maxMultifdChannels(3), 4, -1);
        assertTrue(
                failure.startsWith("source must not have more channels than max-multifd-channels: channel=3"), failure);
    }

    private static MigrationParameters.Builder parameters() {
        return MigrationParameters.builder()
                .maxMultifdChannels(MigrationParameters.MAX_MULTIFD_CHANNELS)
                .downtimeLimit(Duration.ofSeconds(2));
    }

    private static void requireTaken(MigrationParameters.Builder parameters, int channels, int odd, Duration delay)
            throws Exception {
        try (SyntheticGuest guest = guest();
                MemoryDestination destination = new MemoryDestination()) {
            guest.start();
            Ends ends = migrate(guest, destination, parameters, channels, odd, delay);
            assertTrue(ends.received.completed(), () -> ends.received.failure().toString());
            assertTrue(ends.sent.completed(), () -> ends.sent.failure().toString());
            LoopbackMigration.requireSame(guest.memory(), destination.memory());
            assertEquals(channels, ends.received.progress().stats().channels().size());
            assertEquals(
                    ends.sent.progress().stats().packets(),
                    ends.received.progress().stats().packets());
        }
    }

    private static String failure(MigrationParameters.Builder parameters, int channels, int odd) throws Exception {
        try (SyntheticGuest guest = guest();
                MemoryDestination destination = new MemoryDestination()) {
            guest.start();
            Ends ends = migrate(guest, destination, parameters, channels, odd, OddConnectionProxy.NEVER);
            assertFalse(ends.sent.completed());
            return ends.received.failure().orElseThrow().getMessage();
        }
    }

    private static SyntheticGuest guest() {
        return new SyntheticGuest(new GuestShape(32 * MIB, 4 * MIB, 0.3, 0.5, 1));
    }

    private record Ends(MigrationOutcome sent, MigrationOutcome received) {}

    private static Ends migrate(
            SyntheticGuest guest,
            Destination destination,
            MigrationParameters.Builder parameters,
            int channels,
            int odd,
            Duration delay)
            throws IOException, InterruptedException {
        MigrationParameters any = parameters.build();
        parameters.stallTimeout(MigrationParameters.DEFAULT_STALL_TIMEOUT); // the source is the patient one
        MigrationParameters exact =
                channels > 0 ? parameters.multifdChannels(channels).build() : parameters.build();
        try (Listener listener = Listener.open(ANY_PORT, any.multifdChannels() + 1);
                OddConnectionProxy proxy = OddConnectionProxy.to(listener.uri(), odd, delay)) {
            CompletableFuture<MigrationOutcome> received = new CompletableFuture<>();
            Thread receiver = Thread.ofVirtual()
                    .start(() -> received.complete(IncomingMigration.from(listener, Optional.empty(), any, destination)
                            .run()));
            MigrationOutcome sent = OutgoingMigration.of(
                            new SyntheticOutgoingGuest(guest), proxy.uri(), Optional.empty(), exact)
                    .run();
            receiver.join();
            return new Ends(sent, received.join());
        }
    }
}
