package io.pageferry.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/**
 * A row of the table of {@link StoppingSuite}: what a migration is doing when it is stopped, and what is then said of
 * each cause.
 */
final class Stage {
    /** Why a migration ends. */
    enum Cause {
        CANCEL,
        YANK,
        INTERRUPT,
        /** The peer resets one of its connections. */
        RESET,
        /** The peer closes one of its connections, and no other. */
        CLOSE,
        /** A task of ours has a fault. */
        FAULT,
        /** Nothing happens for as long as stall-timeout. */
        STALL
    }

    /** Brings a migration to the stage. */
    @FunctionalInterface
    interface Arrangement {
        Scene begin(Setting setting) throws Exception;
    }

    static final String FAULT = "fault of ours";

    private static final Set<Cause> STOPPED_HERE = Set.of(Cause.CANCEL, Cause.YANK, Cause.INTERRUPT);

    private final String name;
    private final Arrangement arrangement;
    private final Map<Cause, String> lines = new EnumMap<>(Cause.class);
    private final Map<Cause, String> impossible = new EnumMap<>(Cause.class);

    Stage(String name, Arrangement arrangement) {
        this.name = name;
        this.arrangement = arrangement;
    }

    /** What the failure says; a {@code *} is anything. */
    Stage says(Cause cause, String line) {
        lines.put(cause, line);
        return this;
    }

    /** The fault itself is what is told. */
    Stage tellsFault() {
        return says(Cause.FAULT, FAULT);
    }

    /** Why a cause cannot be at this stage. */
    Stage cannot(Cause cause, String reason) {
        impossible.put(cause, reason);
        return this;
    }

    /** The row must be complete. */
    void requireAllCauses() {
        for (Cause cause : Cause.values()) {
            int said = (lines.containsKey(cause) ? 1 : 0) + (impossible.containsKey(cause) ? 1 : 0);
            assertEquals(STOPPED_HERE.contains(cause) ? 0 : 1, said, this + ": " + cause);
        }
    }

    Scene begin(Setting setting) throws Exception {
        return arrangement.begin(setting);
    }

    String line(Cause cause) {
        return lines.get(cause);
    }

    /** Null where it is possible. */
    String whyImpossible(Cause cause) {
        return impossible.get(cause);
    }

    @Override
    public String toString() {
        return name;
    }
}
