package io.pageferry.session;

import io.pageferry.memory.DirtyLog;
import io.pageferry.send.OutgoingGuest;
import io.pageferry.testing.ForwardingGuest;
import java.util.Optional;

/** A guest of which a test says what it dirties. */
record DirtiedGuest(OutgoingGuest guest, DirtyLog dirtied) implements ForwardingGuest {
    @Override
    public Optional<DirtyLog> dirtyLog() {
        return Optional.of(dirtied);
    }
}
