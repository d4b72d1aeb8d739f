package io.pageferry.session;

import io.pageferry.memory.DirtyLog;
import io.pageferry.memory.LoadingPageSource;
import io.pageferry.send.OutgoingGuest;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceState;
import io.pageferry.stream.Section;
import java.util.Optional;

/** A guest of which a test says what it dirties. */
record DirtiedGuest(OutgoingGuest guest, DirtyLog dirtied) implements OutgoingGuest {
    @Override
    public Configuration configuration() {
        return guest.configuration();
    }

    @Override
    public Section ram() {
        return guest.ram();
    }

    @Override
    public LoadingPageSource pages() {
        return guest.pages();
    }

    @Override
    public Optional<DirtyLog> dirtyLog() {
        return Optional.of(dirtied);
    }

    @Override
    public void stop() throws InterruptedException {
        guest.stop();
    }

    @Override
    public DeviceState deviceState() {
        return guest.deviceState();
    }
}
