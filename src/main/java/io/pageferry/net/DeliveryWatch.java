package io.pageferry.net;

import java.util.List;

/**
 * Notices that a peer lives though it says nothing, by what it takes. A part of {@link StallWatch}, whose thread has
 * it.
 *
 * <ol>
 *   <li>A destination lives when it has taken bytes on any connection of its migration, however slowly. A write may
 *       last then, and an answer may be late.
 *   <li>A source that {@linkplain StallWatch.Slot#pausable may pause} lives when it has taken all that was said to it
 *       on that connection, or some more of it. Something must be said to it all the time, or this is no proof.
 * </ol>
 *
 * <p>Looks now and then, and only while somebody waits, so that a migration that gets on costs no call. Over a UNIX
 * socket it sees what has been read only by whole buffers of the kernel's, up to 48 KiB.
 */
final class DeliveryWatch {
    /** How often it looks in a timeout: a peer that stalls is found so much later at the most. */
    private static final int LOOKS = 8;

    private final boolean ofDestination;
    private final long periodNanos;
    private long lookedNanos;
    private boolean looked;
    private long aliveNanos;
    private boolean alive;

    private DeliveryWatch(long timeoutNanos, boolean ofDestination) {
        this.ofDestination = ofDestination;
        this.periodNanos = Math.max(timeoutNanos / LOOKS, 1);
    }

    static DeliveryWatch ofDestination(long timeoutNanos) {
        return new DeliveryWatch(timeoutNanos, true);
    }

    static DeliveryWatch ofSource(long timeoutNanos) {
        return new DeliveryWatch(timeoutNanos, false);
    }

    /** When somebody's wait has lasted that long, it is time to look. */
    long periodNanos() {
        return periodNanos;
    }

    /**
     * When to wake though nobody waits: what a destination has taken in a wait shows only where it was known before
     * what it had taken.
     */
    long restNanos(long timeoutNanos) {
        return ofDestination ? periodNanos : timeoutNanos;
    }

    /**
     * How long a wait counts: not the time until the peer was last seen to live.
     *
     * @param waited how long it has lasted
     * @param pausing whether the peer may pause, and does
     */
    long counted(long waited, boolean pausing, long now, List<StallWatch.Slot> slots) {
        if (waited < periodNanos || !ofDestination && !pausing) {
            return waited;
        }
        if (!looked || now - lookedNanos >= periodNanos) {
            looked = true;
            lookedNanos = now;
            look(now, slots);
        }
        return alive ? Math.min(waited, now - aliveNanos) : waited;
    }

    private void look(long now, List<StallWatch.Slot> slots) {
        for (StallWatch.Slot slot : slots) {
            if (ofDestination ? slot.hasTakenSome() : slot.mayPause() && slot.hasTakenSomeOrAll()) {
                alive = true;
                aliveNanos = now;
            }
        }
    }
}
