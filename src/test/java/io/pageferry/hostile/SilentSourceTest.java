package io.pageferry.hostile;

import static io.pageferry.hostile.Source.DATA_PACKET;
import static io.pageferry.hostile.Source.DEVICE_STATE;
import static io.pageferry.hostile.Source.LAST_SYNC_PACKET;
import static io.pageferry.hostile.Source.PAGE_DATA;
import static io.pageferry.hostile.Source.PART_SECTION;
import static io.pageferry.hostile.SpoiltSourceTest.requireMatch;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pageferry.session.MigrationStatus;
import io.pageferry.testing.LeakFree;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A source that stops to speak, at each place where it could: it ends at the deadline, or when the user has had enough
 * of it.
 */
@LeakFree
@Timeout(60)
class SilentSourceTest {
    private static final Duration STALL = Duration.ofMillis(300);
    private static final String STALLED = "peer must not be silent for longer than stall-timeout: ";
    private static final int MAIN = 0;
    private static final int CHANNEL_0 = 1;

    @TempDir
    Path folder;

    private static Arguments row(String where, UnaryOperator<Source> silence, String line) {
        return Arguments.of(where, silence, line);
    }

    static Stream<Arguments> places() {
        return Stream.of(
                row(
                        "after connecting",
                        source -> source.cut(CHANNEL_0, 0),
                        "connection from * awaited=\"first four bytes\" *"),
                row(
                        "in its initial packet",
                        source -> source.cut(CHANNEL_0, 30),
                        "connection from * awaited=\"initial packet\" *"),
                row(
                        "in a packet's header",
                        source -> source.cut(CHANNEL_0, DATA_PACKET + 5),
                        "channel=0 awaited=\"packet\" *"),
                row(
                        "in a packet",
                        source -> source.cut(CHANNEL_0, DATA_PACKET + 500),
                        "channel=0 awaited=\"packet\" *"),
                row(
                        "in page data",
                        source -> source.cut(CHANNEL_0, PAGE_DATA + 5000),
                        "channel=0 awaited=\"page data\" *"),
                row("before SYNC", source -> source.cut(CHANNEL_0, LAST_SYNC_PACKET), "channel=0 awaited=\"packet\" *"),
                row(
                        "between two sections",
                        source -> source.cut(MAIN, PART_SECTION),
                        "main channel awaited=\"section type\" *"),
                row(
                        "in a record",
                        source -> source.cut(MAIN, PART_SECTION + 7),
                        "main channel awaited=\"RAM record\" *"),
                row(
                        "before its device state",
                        source -> source.cut(MAIN, DEVICE_STATE),
                        "main channel awaited=\"device state\" *"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("places")
    void shouldEndAtDeadlineWhenSourceIsSilent(String where, UnaryOperator<Source> silence, String line)
            throws Exception {
        try (Intake intake = Intake.start(folder, STALL);
                Peer peer = new Peer()) {
            sendAll(intake, peer, silence.apply(new Source()));
            requireMatch(STALLED + line + "waited=* stall-timeout=300 ms", intake.awaitFailure());
            peer.awaitClosed();
        }
    }

    @Test
    void shouldEndAtDeadlineWhenAChannelDoesNotCome() throws Exception {
        try (Intake intake = Intake.start(folder, STALL);
                Peer peer = new Peer()) {
            List<byte[]> connections = new Source().connections;
            peer.send(intake.uri(), connections.get(0), Peer.Then.SILENCE);
            peer.send(intake.uri(), connections.get(2), Peer.Then.SILENCE);
            requireMatch(
                    STALLED
                            + "listener awaited=\"connection 3 of 3, set multifd and multifd-channels alike on both"
                            + " ends\" *",
                    intake.awaitFailure());
            peer.awaitClosed();
        }
    }

    /** Nobody may have come yet: that is no fault, however long it lasts. Only the user ends it. */
    @Test
    void shouldBeCancelledWhenInterruptedBeforeAnybodyCame() throws Exception {
        try (Intake intake = Intake.start(folder, STALL)) {
            intake.interrupt();
            assertEquals(MigrationStatus.CANCELLED, intake.awaitEnd().status());
            intake.requireUntouched();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("places")
    void shouldBeCancelledWhenInterrupted(String where, UnaryOperator<Source> silence, String line) throws Exception {
        try (Intake intake = Intake.start(folder);
                Peer peer = new Peer()) {
            sendAll(intake, peer, silence.apply(new Source()));
            intake.interrupt();
            assertEquals(MigrationStatus.CANCELLED, intake.awaitEnd().status());
            intake.requireUntouched();
            peer.awaitClosed();
        }
    }

    @Test
    void shouldRefusePacketWhenItComesAfterTheEndOfRam() throws Exception {
        Source source = new Source();
        byte[] again = Arrays.copyOfRange(source.channel0(), DATA_PACKET, LAST_SYNC_PACKET);
        try (Intake intake = Intake.start(folder);
                Peer peer = new Peer()) {
            sendAll(
                    intake,
                    peer,
                    source.insert(CHANNEL_0, source.channel0().length, again).cut(MAIN, DEVICE_STATE));
            assertEquals("packet must not come after the end of RAM: channel=0", intake.awaitFailure());
            peer.awaitClosed();
        }
    }

    private static void sendAll(Intake intake, Peer peer, Source source) throws Exception {
        for (byte[] connection : source.connections) {
            peer.send(intake.uri(), connection, Peer.Then.SILENCE);
        }
    }
}
