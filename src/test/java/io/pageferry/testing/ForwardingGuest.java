package io.pageferry.testing;

import io.pageferry.memory.DirtyLog;
import io.pageferry.memory.LoadingPageSource;
import io.pageferry.send.OutgoingGuest;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceState;
import io.pageferry.stream.DeviceStateSource;
import io.pageferry.stream.Section;
import java.util.Optional;

/** A guest that is as another one, but for what an implementation says otherwise. */
public interface ForwardingGuest extends OutgoingGuest {
    /** The other one. */
    OutgoingGuest guest();

    @Override
    default Configuration configuration() {
        return guest().configuration();
    }

    @Override
    default Section ram() {
        return guest().ram();
    }

    @Override
    default LoadingPageSource pages() {
        return guest().pages();
    }

    @Override
    default Optional<DirtyLog> dirtyLog() {
        return guest().dirtyLog();
    }

    @Override
    default void stop() throws InterruptedException {
        guest().stop();
    }

    @Override
    default DeviceStateSource deviceStateBesideRam() {
        return guest().deviceStateBesideRam();
    }

    @Override
    default DeviceState deviceState() {
        return guest().deviceState();
    }
}
