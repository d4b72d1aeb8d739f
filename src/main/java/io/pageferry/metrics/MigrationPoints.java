package io.pageferry.metrics;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** What is to be watched of a migration as a whole, whichever way it goes. */
final class MigrationPoints {
    private MigrationPoints() {}

    @Name("io.pageferry.MigrationState")
    @Label("Migration State")
    @Description("Lasts as long as the migration was in this state; a final one is told as it is reached")
    @Category("Pageferry")
    static final class MigrationState extends TracePoint {
        @Label("State")
        @Description("QEMU's word for it")
        final String state;

        @Label("Next State")
        String next;

        MigrationState(long migration, String state) {
            super(migration);
            this.state = state;
        }

        @Override
        String line() {
            return "migrate_set_state " + state + (next == null ? "" : " -> " + next);
        }
    }

    @Name("io.pageferry.Round")
    @Label("Round")
    @Description("Lasts from the first page to the sync behind the last")
    @Category("Pageferry")
    static final class Round extends TracePoint {
        @Label("Round")
        long round;

        @Label("Pages")
        long pages;

        @Label("Transferred")
        @DataAmount
        long transferredBytes;

        Round(long migration) {
            super(migration);
        }

        @Override
        String line() {
            return "round " + round + " pages " + pages + " transferred " + transferredBytes;
        }
    }
}
