package io.pageferry.control.qmp;

import io.pageferry.metrics.MigrationListener;
import io.pageferry.session.MigrationStatus;
import io.pageferry.session.registry.MigrationSubject.Direction;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tells a client of one migration: {@code MIGRATION} and, where it goes out, {@code MIGRATION_PASS}, if the client has
 * turned {@code events} on.
 */
final class MigrationEvents implements MigrationListener {
    private static final String NOTHING = MigrationStatus.NONE.qemuName();

    private final Direction direction;
    private final Capabilities capabilities;
    private final Outbox outbox;
    private String last = NOTHING; // guarded by this

    MigrationEvents(Direction direction, Capabilities capabilities, Outbox outbox) {
        this.direction = direction;
        this.capabilities = capabilities;
        this.outbox = outbox;
    }

    /**
     * The migration had come so far before anybody listened, of which nobody is told; what was told in the meantime is
     * newer.
     */
    synchronized void begin(MigrationStatus status) {
        if (last.equals(NOTHING)) {
            last = status.qemuName();
        }
    }

    /** A state is told once: {@code setup} is so by the command, before a migration gets there. */
    @Override
    public synchronized void state(String name) {
        if (!name.equals(last)) {
            last = name;
            tell("MIGRATION", QmpJson.object().put("status", name));
        }
    }

    @Override
    public synchronized void pass(long number) {
        if (direction == Direction.OUTGOING) {
            tell("MIGRATION_PASS", QmpJson.object().put("pass", number));
        }
    }

    private void tell(String event, ObjectNode data) {
        if (capabilities.isOn(Capabilities.EVENTS)) {
            outbox.event(QmpJson.event(event, data));
        }
    }
}
