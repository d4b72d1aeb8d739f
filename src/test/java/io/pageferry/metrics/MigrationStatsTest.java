package io.pageferry.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.Threads;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class MigrationStatsTest {
    private static final int CHANNELS = 8;

    private final MigrationStats stats = new MigrationStats(CHANNELS);

    @Test
    void shouldBeZeroWhenNothingHasHappened() {
        assertEquals(0, stats.transferredBytes());
        assertEquals(0, stats.normalPages());
        assertEquals(0, stats.duplicatePages());
        assertEquals(0, stats.packets());
        assertEquals(0, stats.remainingBytes());
        assertEquals(0, stats.totalRamBytes());
        assertNull(stats.precopy());
    }

    @Test
    void shouldSumChannelsAndMainChannel() {
        for (int id = 0; id < CHANNELS; id++) {
            stats.channel(id).multifdBytes.add(1000 + id);
            stats.channel(id).normal.add(10);
            stats.channel(id).duplicate.add(20);
            stats.channel(id).packets.add(2);
        }
        stats.mainBytes.add(5);
        stats.mainNormal.add(1);
        stats.mainDuplicate.add(2);
        assertEquals(8028, stats.multifdBytes());
        assertEquals(8033, stats.transferredBytes());
        assertEquals(81, stats.normalPages());
        assertEquals(162, stats.duplicatePages());
        assertEquals(16, stats.packets());
    }

    @Test
    void shouldKeepWhatEachRoundMovedWhenItIsOver() {
        stats.beginRound(10);
        stats.channel(0).normal.add(10);
        stats.channel(0).multifdBytes.add(41_000);
        stats.endRound();
        stats.beginRound(3);
        stats.channel(1).duplicate.add(3);
        stats.channel(1).multifdBytes.add(50);
        assertEquals(1, stats.endedRounds().size());
        stats.endRound();
        List<MigrationStats.EndedRound> rounds = stats.endedRounds();
        assertEquals(
                List.of(1L, 2L), rounds.stream().map(round -> round.number()).toList());
        assertEquals(
                List.of(10L, 3L), rounds.stream().map(round -> round.pages()).toList());
        assertEquals(
                List.of(41_000L, 50L),
                rounds.stream().map(round -> round.bytes()).toList());
        assertTrue(rounds.getFirst().endNanos() <= rounds.getLast().endNanos());
    }

    @Test
    void shouldKeepTheLatestRoundsOnlyWhenThereAreVeryMany() {
        for (int round = 0; round < 1_001; round++) {
            stats.beginRound(0);
            stats.endRound();
        }
        assertEquals(1_000, stats.endedRounds().size());
        assertEquals(2, stats.endedRounds().getFirst().number());
    }

    /** Each channel's thread counts for itself; a reader sees sums that only grow, and at the end all of it. */
    @Test
    void shouldSumAllCountsWhenChannelsCountSideBySide() throws Exception {
        int counts = 200_000;
        AtomicBoolean done = new AtomicBoolean();
        List<Callable<?>> channels = new ArrayList<>();
        for (ChannelStats channel : stats.channels()) {
            channels.add(() -> {
                for (int i = 0; i < counts; i++) {
                    channel.normal.add(1);
                    stats.mainNormal.increment();
                }
                return null;
            });
        }
        Callable<?> reader = () -> {
            long last = 0;
            while (!done.get()) {
                long now = stats.normalPages();
                assertTrue(now >= last, "counters must not go back");
                last = now;
                Thread.yield();
            }
            return null;
        };
        Threads.runTogether(List.of(reader, () -> {
            Threads.runTogether(channels);
            done.set(true);
            return null;
        }));
        assertEquals(2L * CHANNELS * counts, stats.normalPages());
    }

    @Test
    void shouldCountRoundsAsTheyBegin() {
        stats.beginRound(10);
        stats.beginRound(5);
        assertEquals(2, stats.dirtySyncCount.sum());
    }

    @Test
    void shouldHaveAsMuchRemainingAsTheRoundHasNotSent() {
        stats.guest(100 * 4096, 4096);
        stats.beginRound(100);
        assertEquals(100 * 4096, stats.remainingBytes());
        stats.channel(0).normal.add(30);
        stats.channel(1).duplicate.add(20);
        stats.mainDuplicate.add(10);
        assertEquals(40 * 4096, stats.remainingBytes());
    }

    @Test
    void shouldForgetEarlierRoundsWhenNextOneBegins() {
        stats.guest(100 * 4096, 4096);
        stats.beginRound(100);
        stats.channel(0).normal.add(100);
        stats.beginRound(7);
        assertEquals(7 * 4096, stats.remainingBytes());
    }

    @Test
    void shouldHaveNothingRemainingWhenMoreIsSentThanTheRoundBeganWith() {
        stats.guest(100 * 4096, 4096);
        stats.beginRound(10);
        stats.channel(0).normal.add(11);
        assertEquals(0, stats.remainingBytes());
    }

    @Test
    void shouldGiveTheLastPrecopyStatus() {
        PrecopyStatus status = new PrecopyStatus(3, 1 << 20, 1e9, 1e8, 1000, true);
        stats.precopy(status);
        assertSame(status, stats.precopy());
    }
}
