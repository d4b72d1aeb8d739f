package io.pageferry.cli;

import io.pageferry.config.ConfigException;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationStatus;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.InvalidPathException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;
import tools.jackson.databind.node.ObjectNode;

/**
 * How a command ended: what it says for scripts, what it says for people, and what the process ends with. Every command
 * ends in one of these, whatever happens to it.
 *
 * @param status completed, failed or cancelled
 * @param failure why, where it failed; where it was cancelled, who has the guest, if that cannot be known
 * @param json the one object that a script gets
 * @param lines the result for people, where there is one
 */
record Ending(MigrationStatus status, Optional<Throwable> failure, ObjectNode json, List<String> lines) {
    static Ending completed(ObjectNode json, List<String> lines) {
        return new Ending(MigrationStatus.COMPLETED, Optional.empty(), json, lines);
    }

    /** A command that has a result to show, and failed. */
    static Ending failed(Throwable failure, ObjectNode json) {
        json.put("error-desc", describe(failure));
        return new Ending(MigrationStatus.FAILED, Optional.of(failure), json, List.of());
    }

    /** A command that came to no migration's outcome, or has none. */
    static Ending of(Throwable failure) {
        boolean cancelled = failure instanceof InterruptedException || failure instanceof ClosedByInterruptException;
        MigrationStatus status = cancelled ? MigrationStatus.CANCELLED : MigrationStatus.FAILED;
        ObjectNode json = Json.object().put("status", status.qemuName());
        if (!cancelled) {
            json.put("error-desc", describe(failure));
        }
        return new Ending(status, cancelled ? Optional.empty() : Optional.of(failure), json, List.of());
    }

    /**
     * A migration's end.
     *
     * @param json of the migration, with what the command adds
     * @param lines the same for people, said only where it completed
     */
    static Ending of(MigrationOutcome outcome, ObjectNode json, List<String> lines) {
        return new Ending(outcome.status(), outcome.failure(), json, outcome.completed() ? lines : List.of());
    }

    int exitCode() {
        if (status == MigrationStatus.COMPLETED) {
            return ExitCode.COMPLETED;
        }
        if (status == MigrationStatus.CANCELLED) {
            return ExitCode.INTERRUPTED;
        }
        return isUsage() ? ExitCode.USAGE : ExitCode.FAILED;
    }

    /**
     * Says it: the result, and at most one line on stderr.
     *
     * @param result where the result goes: stdout, or stderr where that has something else
     * @param command who says it, in that line
     * @param asJson whether a script listens
     * @param verbose whether the stack trace is wanted too
     */
    void print(PrintStream result, String command, boolean asJson, boolean verbose) {
        if (asJson) {
            Json.print(json, result);
        } else {
            lines.forEach(line -> result.println(oneLine(line)));
        }
        result.flush();
        String cancelled = status == MigrationStatus.CANCELLED ? ": " + status.qemuName() : "";
        if (failure.isEmpty() && !cancelled.isEmpty()) {
            Stderr.complain(command + cancelled);
        }
        failure.ifPresent(reason -> {
            Stderr.complain(command + cancelled + ": " + describe(reason) + (isUsage() ? " (see --help)" : ""));
            if (verbose) {
                reason.printStackTrace();
            }
        });
    }

    private boolean isUsage() {
        return failure.filter(reason -> reason instanceof ConfigException
                        || reason instanceof ParameterException
                        || reason instanceof InvalidPathException)
                .isPresent();
    }

    /** A failure in one line, which is also its {@code error-desc}. */
    static String describe(Throwable failure) {
        String message = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        return oneLine(
                switch (failure) {
                    case ParameterException e -> describeParameter(e);
                    case IOException _, ConfigException _ -> message;
                    case InvalidPathException e ->
                        "path must be valid: value=" + e.getInput() + " reason=\"" + e.getReason() + "\"";
                    case OutOfMemoryError _ -> "memory must suffice: reason=\"" + message + "\"";
                    // Any other is a fault of ours; whoever reports it needs to see more.
                    default -> "internal error: " + failure + " (see --verbose)";
                });
    }

    private static String describeParameter(ParameterException failure) {
        if (failure instanceof UnmatchedArgumentException unmatched) {
            return UnmatchedWords.describe(unmatched);
        }
        if (!(failure.getCause() instanceof ConfigException rule)) {
            return failure.getMessage();
        }
        return failure.getArgSpec() instanceof OptionSpec option
                ? rule.getMessage() + " option=" + option.longestName()
                : rule.getMessage();
    }

    /**
     * What a peer, an image or a file's name brings along may have control characters: they must not reach a terminal,
     * nor make lines.
     */
    private static String oneLine(String text) {
        StringBuilder line = new StringBuilder(text.length());
        text.codePoints().forEach(point -> {
            if (Character.isISOControl(point)) {
                line.append(String.format(Locale.ROOT, "\\x%02x", point));
            } else {
                line.appendCodePoint(point);
            }
        });
        return line.toString();
    }
}
