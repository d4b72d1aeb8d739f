package io.pageferry.session;

import io.pageferry.checkpoint.Checkpoint;
import io.pageferry.memory.BufferPool;
import io.pageferry.memory.DirtyLog;
import io.pageferry.memory.LoadingPageSource;
import io.pageferry.send.OutgoingGuest;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceState;
import io.pageferry.stream.DeviceStateSource;
import io.pageferry.stream.Dialect;
import io.pageferry.stream.Section;
import java.util.Optional;

/** A guest at rest, to be sent. */
record CheckpointGuest(Checkpoint checkpoint, BufferPool buffers) implements OutgoingGuest {
    @Override
    public Configuration configuration() {
        return checkpoint.configuration();
    }

    @Override
    public Dialect learntDialect() {
        return LearntDialect.of(checkpoint);
    }

    @Override
    public Section ram() {
        return checkpoint.ramSection();
    }

    @Override
    public LoadingPageSource pages() {
        return checkpoint.withBuffers(buffers);
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
        return checkpoint.deviceStateBesideRam();
    }

    @Override
    public DeviceState deviceState() {
        return checkpoint.deviceState();
    }
}
