package io.pageferry.session;

import io.pageferry.checkpoint.Checkpoint;
import io.pageferry.checkpoint.CheckpointFacts;
import io.pageferry.checkpoint.WorkingSet;
import io.pageferry.memory.BufferPool;
import io.pageferry.memory.DirtyLog;
import io.pageferry.memory.LoadingPageSource;
import io.pageferry.send.OutgoingGuest;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceState;
import io.pageferry.stream.DeviceStateSource;
import io.pageferry.stream.Dialect;
import io.pageferry.stream.Section;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A guest at rest, to be sent. */
final class CheckpointGuest implements OutgoingGuest {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointGuest.class);

    private final Checkpoint checkpoint;
    private final CheckpointFacts facts;
    private final BufferPool buffers;
    private WorkingSet workingSet; // null before it is asked for

    /**
     * Makes a guest.
     *
     * @param buffers where its pages lie on their way
     */
    CheckpointGuest(Checkpoint checkpoint, BufferPool buffers) {
        this.checkpoint = checkpoint;
        this.facts = LearntFacts.of(checkpoint);
        this.buffers = buffers;
    }

    @Override
    public Configuration configuration() {
        return checkpoint.configuration();
    }

    @Override
    public Dialect learntDialect() {
        return facts.dialect();
    }

    @Override
    public Optional<UUID> uuid() {
        return facts.guest().or(OutgoingGuest.super::uuid);
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
    public WorkingSet workingSet() {
        if (workingSet == null) {
            try {
                workingSet = checkpoint.workingSet();
            } catch (IOException e) {
                LOG.warn("working set is not used: {}", e.getMessage());
                workingSet = WorkingSet.NONE;
            }
        }
        return workingSet;
    }

    @Override
    public DeviceState deviceState() {
        return checkpoint.deviceState();
    }
}
