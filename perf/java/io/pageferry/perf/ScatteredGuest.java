package io.pageferry.perf;

import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.memory.DirtyLog;
import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.RamBlock;
import io.pageferry.send.OutgoingGuest;
import io.pageferry.testing.ForwardingGuest;
import java.util.Optional;
import java.util.Random;

/**
 * A guest that stands still, and yet has dirtied pages all over its memory when all of it has been sent once: what an
 * ordinary round of such pages takes, where nobody waits for its end.
 */
final class ScatteredGuest implements ForwardingGuest, DirtyLog {
    /** Of its pages, about one in so many: enough to tell a rate, and few enough to have no neighbours. */
    private static final int ONE_IN = 8;

    private final SyntheticOutgoingGuest guest;
    private boolean told;

    ScatteredGuest(SyntheticGuest guest) {
        this.guest = new SyntheticOutgoingGuest(guest);
    }

    @Override
    public OutgoingGuest guest() {
        return guest;
    }

    @Override
    public long collect(RamBlock block, PageBitmap into) {
        if (!told) {
            told = true;
            Random random = new Random(1);
            for (long page = 0; page < block.pages(); page++) {
                if (random.nextInt(ONE_IN) == 0) {
                    into.set(page);
                }
            }
        }
        return into.count();
    }

    @Override
    public Optional<DirtyLog> dirtyLog() {
        return Optional.of(this);
    }

    @Override
    public void stop() {
        // It stands still.
    }
}
