package io.pageferry.image;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.FaultyDisk;
import java.io.IOException;
import java.nio.file.Path;

/** The main program of {@link CommitFaultTest}'s processes, whose disk fails. */
final class CommitOnFaultyDisk {
    private static final FaultyDisk.Kind ALL = FaultyDisk.Kind.ALL;

    private final FaultyDisk.Control disk = new FaultyDisk.Control();
    private final Path folder;

    private CommitOnFaultyDisk(Path folder) {
        this.folder = folder;
    }

    public static void main(String[] arguments) throws IOException {
        CommitOnFaultyDisk program = new CommitOnFaultyDisk(Path.of(arguments[1]));
        if (arguments[0].equals("kill")) {
            CommitCase story = CommitCase.Case.valueOf(arguments[2]).story;
            program.disk.fail(program.folder, ALL, Long.parseLong(arguments[3]), 0);
            story.commit(program.folder);
            return;
        }
        long steps = 0;
        for (CommitCase.Case each : CommitCase.Case.values()) {
            switch (arguments[0]) {
                case "refuse" -> steps += program.refuseEachStep(each);
                case "die" -> steps += program.dieAtEachStep(each);
                default -> throw new IllegalArgumentException(arguments[0]);
            }
        }
        System.out.println("steps=" + steps);
    }

    /** One call fails, and all that is done about it succeeds. */
    private long refuseEachStep(CommitCase.Case which) throws IOException {
        CommitCase story = which.story;
        for (long step = 1; ; step++) {
            String when = which + " step=" + step;
            story.begin(folder);
            disk.fail(folder, ALL, step, FaultyDisk.EIO);
            IOException failure = commit(story);
            boolean through = disk.heal() < step;
            story.requireNoMixture(folder, when);
            Leftovers.remove(CommitCase.image(folder));
            if (failure != null) {
                requireRule(failure, when);
                story.requireBefore(folder, when);
            } else {
                story.requireAfter(folder, when);
            }
            if (through) {
                return step;
            }
        }
    }

    private static void requireRule(IOException failure, String when) {
        String message = failure.getMessage();
        assertTrue(
                message.startsWith("image must be put on disk: ") || message.startsWith("image must be writable: "),
                when + ": " + message);
        assertTrue(
                message.endsWith(" reason=\"Input/output error\"") || message.endsWith(" reason=\"sync failed\""),
                when + ": " + message);
    }

    /**
     * From one call on all fail, which leaves the folder as the end of the process would; and so again while that is
     * put right.
     */
    private long dieAtEachStep(CommitCase.Case which) throws IOException {
        CommitCase story = which.story;
        long steps = 0;
        for (long step = 1; ; step++) {
            boolean through = false;
            boolean putRight = false;
            for (long later = 1; !putRight; later++) {
                String when = which + " step=" + step + " later=" + later;
                story.begin(folder);
                disk.fail(folder, ALL, step, -FaultyDisk.EIO);
                IOException failure = commit(story);
                through = disk.heal() < step;
                story.requireNoMixture(folder, when);
                putRight = dieWhilePuttingRight(later);
                story.requireNoMixture(folder, when);
                Leftovers.remove(CommitCase.image(folder));
                require(story, failure, when);
                steps++;
            }
            if (through) {
                return steps;
            }
        }
    }

    private IOException commit(CommitCase story) {
        try {
            story.commit(folder);
            return null;
        } catch (IOException e) {
            return e;
        }
    }

    private boolean dieWhilePuttingRight(long step) {
        disk.fail(folder, ALL, step, -FaultyDisk.EIO);
        try {
            Leftovers.remove(CommitCase.image(folder));
        } catch (IOException e) {
            // As it shall.
        }
        return disk.heal() < step;
    }

    private void require(CommitCase story, IOException failure, String when) throws IOException {
        if (failure == null) {
            story.requireAfter(folder, when);
        } else if (failure.getMessage().startsWith("image must be put on disk or be taken back, and may be either: ")) {
            story.requireEither(folder, when);
        } else {
            story.requireBefore(folder, when);
        }
    }
}
