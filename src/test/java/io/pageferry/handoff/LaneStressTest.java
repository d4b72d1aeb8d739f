package io.pageferry.handoff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.handoff.Lane.Work;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.Threads;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Many jobs over many lanes, to their end, and to a sudden one. What chance decides, a seed decides. */
@LeakFree
@Timeout(120)
class LaneStressTest {
    /**
     * Every job is done once, in the order of its lane, by the one who holds it; and a sync comes after all jobs before
     * it.
     */
    @ParameterizedTest
    @CsvSource({"1, 1, 1", "1, 2, 3", "2, 2, 1", "4, 2, 1", "4, 1, 4", "16, 2, 2", "64, 2, 1", "255, 2, 3"})
    void shouldDoEachJobOnceAndInOrder(int channels, int depth, int fillers) throws Exception {
        int rounds = 20;
        int jobsOfARound = 20_000 / rounds;
        LaneTraffic ferry = new LaneTraffic(channels, depth, fillers);
        List<Callable<?>> threads = new ArrayList<>(ferry.channels());
        threads.add(() -> {
            for (int round = 1; round <= rounds; round++) {
                ferry.fill(jobsOfARound);
                ferry.lanes.sync(round % 2 == 0 ? SyncRequest.ALL : SyncRequest.LOCAL);
                assertEquals((long) round * fillers * jobsOfARound, ferry.done.get(), "done at the sync");
            }
            ferry.lanes.finish();
            return null;
        });
        Threads.runTogether(threads);
        ferry.requireAllDone((long) rounds * jobsOfARound);
        assertEquals((long) rounds * channels, ferry.syncs.get());
    }

    /**
     * One thread is interrupted at a random moment, and then, as a migration's scope does it, all others are. Everybody
     * ends; no job is done twice; and what was not done still lies in its lane, in nobody's hands.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void shouldEndWithNothingLostWhenThreadsAreInterrupted(int seed) throws Exception {
        Random random = new Random(seed);
        for (int attempt = 0; attempt < 60; attempt++) {
            int channels = 1 + random.nextInt(8);
            int fillers = 1 + random.nextInt(3);
            LaneTraffic ferry = new LaneTraffic(channels, 1 + random.nextInt(2), fillers);
            Crew crew = new Crew(ferry, random);
            crew.sail();
            ferry.requireNothingLost();
        }
    }

    /** Each side waits for the other at every step, so a wake-up that is lost stops it for good. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldLoseNoWakeUpWhenBothSidesWaitForEachOther(boolean virtual) throws Exception {
        int turns = virtual ? 300_000 : 60_000;
        Lanes<long[]> lanes = new Lanes<>(1, 1, () -> new long[1]);
        Thread.Builder threads = virtual ? Thread.ofVirtual() : Thread.ofPlatform();
        AtomicLong sum = new AtomicLong();
        Thread channel = threads.start(() -> {
            try {
                Lane<long[]> lane = lanes.lane(0);
                while (lane.await() == Work.JOB) {
                    sum.addAndGet(lane.job()[0]);
                    lane.jobDone();
                }
            } catch (InterruptedException e) {
                sum.set(-1);
            }
        });
        Thread filler = threads.start(() -> {
            try {
                long[] empty = new long[1];
                for (int turn = 0; turn < turns; turn++) {
                    empty[0] = turn;
                    empty = lanes.swap(empty);
                }
                lanes.finish();
            } catch (InterruptedException e) {
                channel.interrupt();
            }
        });
        try {
            filler.join();
            channel.join();
        } finally {
            filler.interrupt();
            channel.interrupt();
        }
        assertEquals((long) turns * (turns - 1) / 2, sum.get());
    }

    /** Syncs and nothing else: both sides park at every turn. */
    @Test
    void shouldLoseNoWakeUpWhenThereAreOnlySyncs() throws Exception {
        int syncs = 20_000;
        LaneTraffic ferry = new LaneTraffic(4, 1, 0);
        List<Callable<?>> threads = new ArrayList<>(ferry.channels());
        threads.add(() -> {
            for (int i = 0; i < syncs; i++) {
                ferry.lanes.sync(SyncRequest.ALL);
            }
            ferry.lanes.finish();
            return null;
        });
        Threads.runTogether(threads);
        assertEquals(4L * syncs, ferry.syncs.get());
    }

    /** The check that all others stand on. */
    @Test
    void shouldFindJobWhenItIsInTwoHands() {
        LaneTraffic.Job job = new LaneTraffic.Job();
        job.pass(LaneTraffic.ON_THE_WAY, 1);
        assertFalse(job.tryPass(LaneTraffic.ON_THE_WAY, 2));
        assertTrue(job.tryPass(1, LaneTraffic.ON_THE_WAY));
    }

    /** The threads of one attempt that ends badly. */
    private static final class Crew {
        private final LaneTraffic ferry;
        private final Random random;
        private final List<Thread> threads = new ArrayList<>();

        Crew(LaneTraffic ferry, Random random) {
            this.ferry = ferry;
            this.random = random;
        }

        void sail() throws InterruptedException {
            ferry.channels().forEach(this::start);
            start(() -> {
                while (true) {
                    ferry.fill(1 + ferry.channelCount());
                    ferry.lanes.sync(SyncRequest.ALL);
                }
            });
            long moment = random.nextInt(300);
            while (ferry.done.get() < moment && ferry.failures.isEmpty()) {
                Thread.onSpinWait();
            }
            threads.get(random.nextInt(threads.size())).interrupt();
            threads.forEach(Thread::interrupt);
            for (Thread thread : threads) {
                thread.join();
            }
        }

        private void start(Callable<?> task) {
            Thread.Builder builder = random.nextBoolean() ? Thread.ofVirtual() : Thread.ofPlatform();
            threads.add(builder.start(() -> {
                try {
                    task.call();
                } catch (InterruptedException e) {
                    // As it was meant to end.
                } catch (Throwable e) {
                    ferry.failures.add(e);
                }
            }));
        }
    }
}
