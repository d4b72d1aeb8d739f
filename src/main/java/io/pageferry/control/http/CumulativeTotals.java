package io.pageferry.control.http;

import io.pageferry.session.MigrationStatus;
import io.pageferry.session.registry.MigrationEntry;
import io.pageferry.session.registry.MigrationSubject.Direction;
import io.pageferry.session.registry.Migrations;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Keeps what ended migrations came to when the registry has forgotten them, so that no counter ever falls. For any
 * thread.
 */
final class CumulativeTotals {
    private final Migrations migrations;
    private final Map<Direction, Totals> ended = new EnumMap<>(Direction.class); // guarded by this
    private final Map<Direction, Map<MigrationStatus, Long>> endings =
            new EnumMap<>(Direction.class); // guarded by this
    private final Set<Long> entered = new HashSet<>(); // guarded by this; of those that the registry still has

    /** Everything at one moment. */
    record Snapshot(
            List<MigrationEntry> migrations,
            Map<Direction, Totals> totals,
            Map<Direction, Map<MigrationStatus, Long>> endings) {}

    CumulativeTotals(Migrations migrations) {
        this.migrations = migrations;
        for (Direction direction : Direction.values()) {
            ended.put(direction, new Totals());
            Map<MigrationStatus, Long> counts = new EnumMap<>(MigrationStatus.class);
            for (MigrationStatus status : MigrationStatus.values()) {
                if (status.isFinal()) {
                    counts.put(status, 0L);
                }
            }
            endings.put(direction, counts);
        }
        migrations.whenOneEnds(this::enter);
    }

    private synchronized void enter(MigrationEntry entry) {
        Direction direction = entry.subject().direction();
        ended.get(direction).add(entry.progress().stats());
        endings.get(direction).merge(entry.progress().status(), 1L, Long::sum);
        entered.add(entry.id());
    }

    synchronized Snapshot snapshot() {
        List<MigrationEntry> list = migrations.list();
        Map<Direction, Totals> totals = new EnumMap<>(Direction.class);
        ended.forEach((direction, sum) -> totals.put(direction, sum.copy()));
        Set<Long> present = new HashSet<>();
        for (MigrationEntry entry : list) {
            present.add(entry.id());
            if (!entered.contains(entry.id())) {
                totals.get(entry.subject().direction()).add(entry.progress().stats());
            }
        }
        entered.retainAll(present);
        Map<Direction, Map<MigrationStatus, Long>> counts = new EnumMap<>(Direction.class);
        endings.forEach((direction, sum) -> counts.put(direction, new EnumMap<>(sum)));
        return new Snapshot(list, totals, counts);
    }
}
