package io.pageferry.session;

import io.pageferry.image.Image;
import io.pageferry.memory.BufferPool;
import io.pageferry.memory.DirtyLog;
import io.pageferry.memory.PageSource;
import io.pageferry.send.OutgoingGuest;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceState;
import io.pageferry.stream.DeviceStateSource;
import io.pageferry.stream.Section;
import java.util.Optional;

/** A guest at rest, to be sent from its image. */
record ImageGuest(Image image, BufferPool buffers) implements OutgoingGuest {
    @Override
    public Configuration configuration() {
        return image.configuration();
    }

    @Override
    public Section ram() {
        return image.ramSection();
    }

    @Override
    public PageSource pages() {
        return image.withBuffers(buffers);
    }

    @Override
    public Optional<DirtyLog> dirtyLog() {
        return Optional.empty();
    }

    @Override
    public void stop() {
        // It stands still already.
    }

    @Override
    public DeviceStateSource deviceStateBesideRam() {
        return image.deviceStateBesideRam();
    }

    @Override
    public DeviceState deviceState() {
        return image.deviceState();
    }
}
