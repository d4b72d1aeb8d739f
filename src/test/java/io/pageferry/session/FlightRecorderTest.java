package io.pageferry.session;

import static io.pageferry.session.WatchedMigration.CHANNELS;
import static io.pageferry.session.WatchedMigration.ROUNDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.metrics.ChannelStats;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.testing.LeakFree;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a recording says of a migration that completes: as many events of each kind as the thing happened. */
@LeakFree
@Timeout(60)
class FlightRecorderTest {
    /** The one behind the list of blocks, and one a round. */
    private static final int SYNCS = 1 + ROUNDS;

    private static WatchedMigration migration;

    @BeforeAll
    static void migrate(@TempDir Path folder) throws Exception {
        migration = WatchedMigration.run(folder);
        assertTrue(migration.sent().completed());
        assertTrue(migration.received().completed());
    }

    @ParameterizedTest
    @ValueSource(strings = {"NewSendChannelAsync", "SetOutgoingChannel", "SendThreadStart", "SendThreadEnd"})
    void shouldTellOfEachChannelOnceWhenSending(String name) {
        assertEquals(allChannels(), channels(sent(name)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"RecvNewChannel", "RecvThreadStart", "RecvThreadEnd"})
    void shouldTellOfEachChannelOnceWhenReceiving(String name) {
        assertEquals(allChannels(), channels(received(name)));
    }

    @Test
    void shouldTellOfEveryPacketSent() {
        requireTold(sent("SendFill"), migration.sent().progress().stats());
    }

    @Test
    void shouldTellOfEveryPacketReceived() {
        requireTold(received("RecvUnfill"), migration.received().progress().stats());
    }

    private static void requireTold(List<RecordedEvent> packets, MigrationStats stats) {
        assertEquals(stats.packets(), packets.size());
        assertEquals(stats.normalPages(), sum(packets, "normalPages"));
        assertEquals(stats.duplicatePages(), sum(packets, "zeroPages"));
        for (int id = 0; id < CHANNELS; id++) {
            int channel = id;
            ChannelStats counters = stats.channel(channel);
            List<RecordedEvent> own = packets.stream()
                    .filter(packet -> packet.getInt("channel") == channel)
                    .toList();
            assertEquals(counters.packets.get(), own.size());
            assertEquals(
                    counters.syncs.get(),
                    own.stream().filter(packet -> packet.getInt("flags") == 1).count());
            assertEquals(
                    counters.packetNum.get(),
                    own.stream()
                            .mapToLong(packet -> packet.getLong("packetNum"))
                            .max()
                            .orElseThrow());
        }
    }

    @Test
    void shouldNumberPacketsAsTheyWereSentWhenReceiving() {
        assertEquals(numbers(sent("SendFill")), numbers(received("RecvUnfill")));
    }

    @Test
    void shouldTellOfPacketsWhenAThreadEnds() {
        assertEquals(migration.sent().progress().stats().packets(), sum(sent("SendThreadEnd"), "packets"));
        assertEquals(migration.received().progress().stats().packets(), sum(received("RecvThreadEnd"), "packets"));
    }

    @Test
    void shouldTellOfEverySyncOfEveryChannel() {
        assertEquals(SYNCS, sent("SendSyncMain").size());
        assertEquals(SYNCS * CHANNELS, sent("SendSyncMainSignal").size());
        assertEquals(SYNCS * CHANNELS, sent("SendSyncMainWait").size());
        assertEquals(SYNCS, received("RecvSyncMain").size());
        assertEquals(SYNCS * CHANNELS, received("RecvSyncMainWait").size());
        assertEquals(SYNCS * CHANNELS, received("RecvSyncMainSignal").size());
        assertEquals(allChannels(), channels(sent("SendSyncMainWait").subList(0, CHANNELS)));
    }

    @Test
    void shouldTellOfEveryRoundWithItsPages() {
        for (MigrationOutcome end : List.of(migration.sent(), migration.received())) {
            List<RecordedEvent> rounds = migration.of(end, "Round");
            assertEquals(
                    IntStream.rangeClosed(1, ROUNDS).asLongStream().boxed().toList(),
                    rounds.stream().map(round -> round.getLong("round")).toList());
            MigrationStats stats = end.progress().stats();
            assertEquals(stats.normalPages() + stats.duplicatePages(), sum(rounds, "pages"));
            assertEquals(
                    stats.totalRamBytes() / stats.pageSizeBytes(),
                    rounds.getFirst().getLong("pages"));
        }
    }

    @Test
    void shouldTellOfStatesWithHowLongTheyLasted() {
        assertEquals(List.of("setup", "active", "device", "completed"), states(sent("MigrationState")));
        assertEquals(List.of("setup", "active", "completed"), states(received("MigrationState")));
        RecordedEvent active = sent("MigrationState").stream()
                .filter(state -> state.getString("state").equals("active"))
                .findFirst()
                .orElseThrow();
        assertEquals("device", active.getString("next"));
        sent("Round").subList(0, ROUNDS - 1).forEach(round -> {
            assertFalse(round.getStartTime().isBefore(active.getStartTime()));
            assertFalse(round.getEndTime().isAfter(active.getEndTime()));
        });
    }

    @Test
    void shouldTellOnceThatThreadsAreTerminated() {
        assertEquals(1, sent("SendTerminateThreads").size());
        assertEquals(1, received("RecvTerminateThreads").size());
        assertFalse(received("RecvTerminateThreads").getFirst().getBoolean("error"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"SendError", "NewSendChannelAsyncError"})
    void shouldTellOfNoErrorWhenThereIsNone(String name) {
        assertEquals(List.of(), sent(name));
    }

    @Test
    void shouldTellOnTheThreadThatDidIt() {
        sent("SendFill")
                .forEach(packet -> assertEquals(
                        "mig/src/send_" + packet.getInt("channel"),
                        packet.getThread().getJavaName()));
        received("RecvUnfill")
                .forEach(packet -> assertEquals(
                        "mig/dst/recv_" + packet.getInt("channel"),
                        packet.getThread().getJavaName()));
    }

    private static List<RecordedEvent> sent(String name) {
        return migration.of(migration.sent(), name);
    }

    private static List<RecordedEvent> received(String name) {
        return migration.of(migration.received(), name);
    }

    private static List<Integer> allChannels() {
        return IntStream.range(0, CHANNELS).boxed().toList();
    }

    private static List<Integer> channels(List<RecordedEvent> events) {
        return events.stream().map(event -> event.getInt("channel")).sorted().toList();
    }

    private static List<Long> numbers(List<RecordedEvent> packets) {
        return packets.stream()
                .map(packet -> packet.getLong("packetNum"))
                .sorted()
                .toList();
    }

    private static List<String> states(List<RecordedEvent> events) {
        return events.stream().map(event -> event.getString("state")).toList();
    }

    private static long sum(List<RecordedEvent> events, String field) {
        return events.stream().mapToLong(event -> event.getLong(field)).sum();
    }
}
