package io.pageferry.send;

import io.pageferry.handoff.Lanes;
import java.io.IOException;

/** Where a {@link RoundPlanner}'s jobs go: to the channels, or into the main stream. On the main thread. */
interface JobTarget extends AutoCloseable {
    /** Among how many jobs are divided. */
    int channels();

    /**
     * Takes a full job.
     *
     * @return an empty one for it
     */
    SendJob swap(SendJob full) throws IOException, InterruptedException;

    @Override
    default void close() {}

    /** The channels' lanes. */
    static JobTarget of(Lanes<SendJob> lanes) {
        return new JobTarget() {
            @Override
            public int channels() {
                return lanes.channels();
            }

            @Override
            public SendJob swap(SendJob full) throws InterruptedException {
                return lanes.swap(full);
            }
        };
    }
}
