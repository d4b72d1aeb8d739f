package io.pageferry.send;

import io.pageferry.checkpoint.WorkingSet;
import io.pageferry.memory.DirtyLog;
import io.pageferry.memory.LoadingPageSource;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceState;
import io.pageferry.stream.DeviceStateSource;
import io.pageferry.stream.Dialect;
import io.pageferry.stream.Section;
import java.util.Optional;
import java.util.UUID;

/** A guest to be sent, at rest or running. Used by the main thread, but for its pages. */
public interface OutgoingGuest {
    /** What the guest says of itself; the capability mapped-ram is taken care of by who sends. */
    Configuration configuration();

    /** Its uuid, as far as that is known: its source says it on its channels, or in the main stream. */
    default Optional<UUID> uuid() {
        return configuration().uuid();
    }

    /** How its source spoke, as far as that is known; what its machine type says is left aside. */
    default Dialect learntDialect() {
        return Dialect.UNKNOWN;
    }

    /** What a destination expects, as far as that is known: learnt, or else by the machine type's name. */
    default Dialect dialect() {
        return learntDialect().orElse(configuration().dialect());
    }

    /** How the RAM section begins. */
    Section ram();

    LoadingPageSource pages();

    /** What a running guest dirties; empty where it does not run. */
    Optional<DirtyLog> dirtyLog();

    /** Stops a running guest: after this nothing of it changes any more. */
    void stop() throws InterruptedException;

    /** Device state that goes beside RAM, once the guest has stopped. */
    default DeviceStateSource deviceStateBesideRam() {
        return DeviceStateSource.NONE;
    }

    /** What it is known to need first once it runs again. */
    default WorkingSet workingSet() {
        return WorkingSet.NONE;
    }

    /** What comes after RAM, once the guest has stopped. */
    DeviceState deviceState();
}
