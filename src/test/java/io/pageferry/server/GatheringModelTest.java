package io.pageferry.server;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Nothing is ever joined across guests, whatever happens in whatever order. {@code -Dpageferry.gathering.steps=N} takes
 * more steps than usual, and {@code -Dpageferry.gathering.seed=S} repeats a run.
 */
@Timeout(3600)
class GatheringModelTest {
    private static final long STEPS = Long.getLong("pageferry.gathering.steps", 2_000_000);
    private static final int STEPS_OF_A_WORLD = 2_000;
    private static final int STEPS_BETWEEN_ENDS = 200;

    @Test
    void shouldNeverJoinConnectionsOfDifferentGuestsWhateverHappens() {
        long seed = Long.getLong(
                "pageferry.gathering.seed", ThreadLocalRandom.current().nextLong());
        System.out.println("pageferry.gathering.seed=" + seed + " pageferry.gathering.steps=" + STEPS);
        SplittableRandom random = new SplittableRandom(seed);
        long joined = 0;
        for (long taken = 0; taken < STEPS; taken += STEPS_OF_A_WORLD) {
            long world = random.nextLong();
            try {
                joined += run(world, _ -> {});
            } catch (AssertionError | RuntimeException e) {
                Deque<String> history = new ArrayDeque<>();
                assertThrows(e.getClass(), () -> run(world, event -> remember(event.get(), history)));
                throw new AssertionError("seed=" + seed + "\n" + String.join("\n", history), e);
            }
        }
        assertTrue(joined > STEPS / 100, "joined=" + joined);
    }

    private static long run(long world, Consumer<Supplier<String>> history) {
        GatheringModel model = new GatheringModel(new SplittableRandom(world), history);
        for (int step = 1; step <= STEPS_OF_A_WORLD; step++) {
            model.step();
            if (step % STEPS_BETWEEN_ENDS == 0) {
                model.settle();
            }
        }
        return model.joined();
    }

    private static void remember(String event, Deque<String> history) {
        history.addLast(event);
        if (history.size() > STEPS_BETWEEN_ENDS) {
            history.removeFirst();
        }
    }
}
