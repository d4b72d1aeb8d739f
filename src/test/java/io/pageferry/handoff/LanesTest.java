package io.pageferry.handoff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.handoff.Lane.Work;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.Threads;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** The hand-off step by step, on one thread wherever nothing has to wait. */
@LeakFree
@Timeout(30)
class LanesTest {
    private static final int DEPTH = 2;

    /** Something to be handed over. */
    private static final class Job {
        int number;

        Job number(int next) {
            number = next;
            return this;
        }
    }

    private final Lanes<Job> lanes = new Lanes<>(2, DEPTH, Job::new);
    private final Lane<Job> first = lanes.lane(0);
    private final Lane<Job> second = lanes.lane(1);

    @Test
    void shouldGiveAnotherJobForTheOneItTakes() throws Exception {
        Job full = new Job();
        assertNotSame(full, lanes.swap(full));
    }

    @Test
    void shouldHandOverToOneLaneAfterTheOther() throws Exception {
        Job empty = new Job();
        for (int number = 0; number < 4; number++) {
            empty = lanes.swap(empty.number(number));
        }
        assertEquals(List.of(0, 2), take(2, first));
        assertEquals(List.of(1, 3), take(2, second));
    }

    @Test
    void shouldPassOverALaneWhenItHasNoEmptyJobToGive() throws Exception {
        Job empty = new Job();
        for (int number = 0; number < 4; number++) {
            empty = lanes.swap(empty.number(number));
        }
        assertEquals(List.of(1, 3), take(2, second));
        lanes.swap(lanes.swap(empty.number(4)).number(5));
        assertEquals(List.of(4, 5), take(2, second));
        assertEquals(List.of(0, 2), take(2, first));
    }

    @Test
    void shouldGiveBackTheVeryJobsThatChannelsAreDoneWith() throws Exception {
        Lanes<Job> lane = new Lanes<>(1, 1, Job::new);
        Job mine = new Job();
        Job stocked = lane.swap(mine);
        lane.lane(0).await();
        assertSame(mine, lane.lane(0).job());
        lane.lane(0).jobDone();
        assertSame(mine, lane.swap(stocked));
    }

    @Test
    void shouldLetTheFillerWaitWhenAllLanesAreBusy() throws Exception {
        Job empty = new Job();
        for (int number = 0; number < 2 * DEPTH; number++) {
            empty = lanes.swap(empty);
        }
        Job full = empty;
        CompletableFuture<Job> swapped = new CompletableFuture<>();
        Thread filler = start(swapped, () -> lanes.swap(full));
        Threads.awaitParked(filler);
        assertFalse(swapped.isDone());
        second.await();
        Job done = second.job();
        second.jobDone();
        assertSame(done, swapped.get());
    }

    @Test
    void shouldEndTheFillersWaitWhenItIsInterrupted() throws Exception {
        Job empty = new Job();
        for (int number = 0; number < 2 * DEPTH; number++) {
            empty = lanes.swap(empty);
        }
        Job full = empty;
        assertEndsWhenInterrupted(() -> lanes.swap(full));
        // And it has left nothing behind that would keep the next one from swapping.
        first.await();
        first.jobDone();
        assertNotSame(full, lanes.swap(full));
    }

    /** The one behind waits for the one in front, who waits for a channel. */
    @Test
    void shouldEndTheWaitOfTheSecondFillerWhenItIsInterrupted() throws Exception {
        Job empty = new Job();
        for (int number = 0; number < 2 * DEPTH; number++) {
            empty = lanes.swap(empty);
        }
        Job full = empty;
        CompletableFuture<Job> inFront = new CompletableFuture<>();
        Threads.awaitParked(start(inFront, () -> lanes.swap(full)));
        assertEndsWhenInterrupted(() -> lanes.swap(new Job()));
        first.await();
        first.jobDone();
        inFront.get();
    }

    @Test
    void shouldLetTheChannelWaitUntilThereIsAJob() throws Exception {
        CompletableFuture<Work> found = new CompletableFuture<>();
        Threads.awaitParked(start(found, first::await));
        lanes.swap(new Job());
        assertEquals(Work.JOB, found.get());
    }

    @Test
    void shouldEndTheChannelsWaitWhenItIsInterrupted() throws Exception {
        assertEndsWhenInterrupted(first::await);
        lanes.swap(new Job());
        assertEquals(Work.JOB, first.await());
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
    void shouldAskEachChannelForTheSync(SyncRequest request) throws Exception {
        CompletableFuture<Void> synced = syncing(request);
        for (Lane<Job> lane : List.of(first, second)) {
            assertFalse(synced.isDone());
            assertEquals(Work.SYNC, lane.await());
            assertEquals(request, lane.syncRequest());
            lane.syncDone();
        }
        synced.get();
    }

    @Test
    void shouldAnswerSyncAfterTheJobsBeforeIt() throws Exception {
        lanes.swap(lanes.swap(lanes.swap(new Job().number(1)).number(2)).number(3));
        CompletableFuture<Void> synced = syncing(SyncRequest.ALL);
        assertEquals(List.of(1, 3), take(2, first));
        assertEquals(Work.SYNC, first.await());
        first.syncDone();
        assertEquals(List.of(2), take(1, second));
        assertFalse(synced.isDone());
        assertEquals(Work.SYNC, second.await());
        second.syncDone();
        synced.get();
    }

    @Test
    void shouldSyncAgainAndAgainWhenEachIsAnswered() throws Exception {
        for (int i = 0; i < 3; i++) {
            shouldAskEachChannelForTheSync(SyncRequest.ALL);
        }
    }

    @Test
    void shouldRefuseSyncWhenOneIsPending() throws Exception {
        CompletableFuture<Void> synced = syncing(SyncRequest.ALL);
        assertEquals(
                "a sync is still pending: ALL",
                assertThrows(IllegalStateException.class, () -> lanes.sync(SyncRequest.LOCAL))
                        .getMessage());
        for (Lane<Job> lane : List.of(first, second)) {
            lane.await();
            lane.syncDone();
        }
        synced.get();
    }

    @Test
    void shouldEndTheWaitForSyncWhenItIsInterrupted() throws Exception {
        assertEndsWhenInterrupted(() -> {
            lanes.sync(SyncRequest.ALL);
            return null;
        });
    }

    @Test
    void shouldEndChannelsWhenAllIsFinished() throws Exception {
        CompletableFuture<Work> found = new CompletableFuture<>();
        Threads.awaitParked(start(found, first::await));
        lanes.finish();
        assertEquals(Work.END, found.get());
        assertEquals(Work.END, second.await());
        assertEquals(Work.END, second.await());
    }

    @Test
    void shouldDoTheJobsThatAreLeftBeforeItEnds() throws Exception {
        lanes.swap(new Job().number(7));
        lanes.finish();
        assertEquals(List.of(7), take(1, first));
        assertEquals(Work.END, first.await());
    }

    @Test
    void shouldRefuseJobWhenChannelHandsItBackTwice() throws Exception {
        lanes.swap(new Job());
        first.await();
        first.jobDone();
        assertThrows(NullPointerException.class, first::jobDone);
    }

    @Test
    void shouldStockEachLaneWithItsDepth() {
        List<Job> made = new ArrayList<>();
        new Lanes<>(3, 5, () -> {
            made.add(new Job());
            return made.getLast();
        });
        assertEquals(15, Set.copyOf(made).size());
    }

    /** Does some jobs of a lane, and says which they were. */
    private static List<Integer> take(int jobs, Lane<Job> lane) throws InterruptedException {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < jobs; i++) {
            assertEquals(Work.JOB, lane.await());
            numbers.add(lane.job().number);
            lane.jobDone();
        }
        return numbers;
    }

    private CompletableFuture<Void> syncing(SyncRequest request) {
        CompletableFuture<Void> synced = new CompletableFuture<>();
        Threads.awaitParked(start(synced, () -> {
            lanes.sync(request);
            return null;
        }));
        return synced;
    }

    private static void assertEndsWhenInterrupted(Callable<?> wait) {
        CompletableFuture<Object> result = new CompletableFuture<>();
        Thread waiting = start(result, wait::call);
        Threads.awaitParked(waiting);
        waiting.interrupt();
        Throwable failure = assertThrows(ExecutionException.class, result::get).getCause();
        assertTrue(failure instanceof InterruptedException, () -> failure.toString());
    }

    private static <T> Thread start(CompletableFuture<T> result, Callable<? extends T> task) {
        return Thread.ofVirtual().start(() -> {
            try {
                result.complete(task.call());
            } catch (Exception e) {
                result.completeExceptionally(e);
            }
        });
    }
}
