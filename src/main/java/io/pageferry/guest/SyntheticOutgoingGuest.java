package io.pageferry.guest;

import io.pageferry.memory.DirtyLog;
import io.pageferry.memory.LoadingPageSource;
import io.pageferry.memory.MemoryPageSource;
import io.pageferry.send.OutgoingGuest;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceState;
import io.pageferry.stream.Section;
import java.util.Optional;

/** A synthetic guest as something to be sent: it has RAM and no devices, as QEMU's machine {@code none}. */
public final class SyntheticOutgoingGuest implements OutgoingGuest {
    private static final Configuration CONFIGURATION = Configuration.of("none");
    private static final Section RAM = new Section(1, Section.RAM, 0, Section.RAM_VERSION);

    private final SyntheticGuest guest;
    private final LoadingPageSource pages;

    public SyntheticOutgoingGuest(SyntheticGuest guest) {
        this.guest = guest;
        this.pages = new MemoryPageSource(guest.memory());
    }

    @Override
    public Configuration configuration() {
        return CONFIGURATION;
    }

    @Override
    public Section ram() {
        return RAM;
    }

    @Override
    public LoadingPageSource pages() {
        return pages;
    }

    @Override
    public Optional<DirtyLog> dirtyLog() {
        return Optional.of(guest);
    }

    @Override
    public void stop() throws InterruptedException {
        guest.stop();
    }

    @Override
    public DeviceState deviceState() {
        return DeviceState.empty();
    }
}
