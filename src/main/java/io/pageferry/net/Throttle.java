package io.pageferry.net;

/** Slows the connections of a migration down: who has moved bytes, or is about to, waits here. For any thread. */
@FunctionalInterface
public interface Throttle {
    /** As fast as it goes. */
    Throttle NONE = _ -> {};

    /** Pays for so many bytes; comes back when the next ones may be moved. */
    void spend(long bytes) throws InterruptedException;
}
