package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pageferry.metrics.MigrationStats;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationProgress;
import io.pageferry.session.MigrationStatus;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.node.ObjectNode;

/** The members of {@code ram}, held against those that QEMU 10.0 lists for {@code query-migrate}. */
@Timeout(10)
class QueryMigrateShapeTest {
    private static final Set<String> QEMU_10 = Set.of(
            "transferred",
            "remaining",
            "total",
            "duplicate",
            "normal",
            "normal-bytes",
            "dirty-pages-rate",
            "mbps",
            "dirty-sync-count",
            "postcopy-requests",
            "page-size",
            "multifd-bytes",
            "pages-per-second",
            "precopy-bytes",
            "downtime-bytes",
            "postcopy-bytes",
            "dirty-sync-missed-zero-copy");

    @Test
    void shouldHaveQemusCountersAndNoOthers() {
        MigrationProgress progress = new MigrationProgress(new MigrationStats(1));
        ObjectNode json = new MigrationReport(
                        new MigrationOutcome(MigrationStatus.COMPLETED, Optional.empty(), progress))
                .toJson();
        assertEquals(new TreeSet<>(QEMU_10), new TreeSet<>(json.path("ram").propertyNames()));
    }
}
