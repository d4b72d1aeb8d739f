package io.pageferry.cli;

import io.pageferry.session.MigrationOutcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;

/** Prints how a migration ended and says what the process ends with. */
final class MigrationRunner {
    private MigrationRunner() {}

    /**
     * Reports an outcome.
     *
     * @param json whether the result is for scripts
     * @param ours adds what the command knows besides
     * @param lines the same for people, where the migration completed
     * @return the exit code, where it did not fail
     */
    static int report(MigrationOutcome outcome, boolean json, Consumer<ObjectNode> ours, Consumer<List<String>> lines)
            throws IOException {
        MigrationReport report = new MigrationReport(outcome);
        if (json) {
            ObjectNode object = Json.object();
            report.addTo(object);
            ours.accept(object);
            Json.print(object);
        } else if (outcome.completed()) {
            List<String> table = new ArrayList<>();
            lines.accept(table);
            table.forEach(System.out::println);
        }
        switch (outcome.failure().orElse(null)) {
            case null -> {}
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        }
        if (!outcome.completed()) {
            System.err.println("pageferry: " + outcome.status().qemuName());
            return ExitCode.INTERRUPTED;
        }
        return ExitCode.COMPLETED;
    }
}
