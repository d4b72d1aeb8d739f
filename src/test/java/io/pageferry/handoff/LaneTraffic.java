package io.pageferry.handoff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.handoff.Lane.Work;
import io.pageferry.testing.Threads;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/** Lanes in full use, where every job says who holds it, and everybody who takes one looks. */
final class LaneTraffic {
    /** The holder of a job that is in a lane. */
    static final int ON_THE_WAY = -1;

    /** A container of one numbered thing. */
    static final class Job {
        private final AtomicInteger holder = new AtomicInteger(ON_THE_WAY);
        private int filler;
        private long number;
        private long check;

        boolean tryPass(int from, int to) {
            return holder.compareAndSet(from, to);
        }

        void pass(int from, int to) {
            assertTrue(tryPass(from, to), () -> "holder must be " + from + " before " + to + ": " + holder.get());
        }

        void fill(int byFiller, long withNumber) {
            filler = byFiller;
            number = withNumber;
            check = ~withNumber;
        }
    }

    final Lanes<Job> lanes;
    final AtomicLong done = new AtomicLong();
    final AtomicLong syncs = new AtomicLong();
    final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

    private final List<Job> made = new ArrayList<>();
    private final Job[] inHand; // each filler's own
    private final long[] filled; // each filler's own
    private final List<List<Long>> doneByFiller = new ArrayList<>();

    LaneTraffic(int channels, int depth, int fillers) {
        lanes = new Lanes<>(channels, depth, this::make);
        inHand = new Job[fillers];
        filled = new long[fillers];
        for (int filler = 0; filler < fillers; filler++) {
            inHand[filler] = make();
            inHand[filler].pass(ON_THE_WAY, holder(filler));
            doneByFiller.add(Collections.synchronizedList(new ArrayList<>()));
        }
    }

    private Job make() {
        made.add(new Job());
        return made.getLast();
    }

    int channelCount() {
        return lanes.channels();
    }

    private int holder(int filler) {
        return channelCount() + filler;
    }

    /** Lets all fillers hand over some jobs, side by side. */
    void fill(int jobs) throws Exception {
        Threads.runTogether(IntStream.range(0, inHand.length)
                .<Callable<?>>mapToObj(filler -> () -> {
                    fill(filler, jobs);
                    return null;
                })
                .toList());
    }

    private void fill(int filler, int jobs) throws InterruptedException {
        for (int i = 0; i < jobs; i++) {
            Job full = inHand[filler];
            full.fill(filler, filled[filler]);
            full.pass(holder(filler), ON_THE_WAY);
            try {
                inHand[filler] = lanes.swap(full);
            } catch (InterruptedException e) {
                full.pass(ON_THE_WAY, holder(filler)); // it was not taken
                throw e;
            }
            filled[filler]++;
            inHand[filler].pass(ON_THE_WAY, holder(filler));
        }
    }

    /** What each channel does until the end. */
    List<Callable<?>> channels() {
        return IntStream.range(0, channelCount())
                .<Callable<?>>mapToObj(channel -> () -> {
                    work(channel);
                    return null;
                })
                .toList();
    }

    private void work(int channel) throws InterruptedException {
        Lane<Job> lane = lanes.lane(channel);
        long[] next = new long[inHand.length];
        while (true) {
            switch (lane.await()) {
                case JOB -> {
                    doJob(channel, lane, next);
                    lane.jobDone();
                }
                case SYNC -> {
                    syncs.incrementAndGet();
                    lane.syncDone();
                }
                case END -> {
                    return;
                }
            }
        }
    }

    private void doJob(int channel, Lane<Job> lane, long[] next) {
        Job job = lane.job();
        job.pass(ON_THE_WAY, channel);
        assertEquals(~job.number, job.check);
        assertTrue(job.number >= next[job.filler], "order in the lane");
        next[job.filler] = job.number + 1;
        doneByFiller.get(job.filler).add(job.number);
        done.incrementAndGet();
        job.pass(channel, ON_THE_WAY);
    }

    /** All that was handed over is done, each thing once. */
    void requireAllDone(long jobsOfEachFiller) {
        for (List<Long> numbers : doneByFiller) {
            assertEquals(jobsOfEachFiller, numbers.size());
            assertEquals(jobsOfEachFiller, Set.copyOf(numbers).size());
        }
    }

    /**
     * Everybody having ended: what was handed over is done or still in its lane, and no container is gone or there
     * twice.
     */
    void requireNothingLost() throws InterruptedException {
        assertEquals(List.of(), List.copyOf(failures));
        Set<Job> found = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int filler = 0; filler < inHand.length; filler++) {
            assertTrue(found.add(inHand[filler]));
        }
        lanes.finish();
        List<List<Long>> left = new ArrayList<>();
        doneByFiller.forEach(numbers -> left.add(new ArrayList<>(numbers)));
        for (int channel = 0; channel < channelCount(); channel++) {
            Lane<Job> lane = lanes.lane(channel);
            while (lane.await() == Work.JOB) {
                Job job = lane.job();
                left.get(job.filler).add(job.number);
                lane.jobDone();
            }
            while (lane.hasIdle()) {
                assertTrue(found.add(lane.takeIdle()), "a container in two places");
            }
        }
        assertEquals(made.size(), found.size(), "containers");
        for (int filler = 0; filler < inHand.length; filler++) {
            assertEquals(filled[filler], left.get(filler).size(), "jobs done or left");
            assertEquals(filled[filler], Set.copyOf(left.get(filler)).size(), "different jobs done or left");
        }
    }
}
