package io.pageferry.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** What all commands have in common: however one ends, it says so once, in the same way. */
@Command(mixinStandardHelpOptions = true, sortOptions = false, versionProvider = Version.class)
abstract class ReportingCommand implements Callable<Integer> {
    static final String JSON_OPTION = "--json";

    @Spec
    private CommandSpec spec;

    @ParentCommand
    private Main main;

    @Option(
            names = JSON_OPTION,
            description = "Print the result as one JSON object, a migration's shaped like QMP's query-migrate; where it"
                    + " failed, error-desc says why.")
    private boolean json;

    /** Does what the command is for. */
    abstract Ending run() throws IOException, InterruptedException;

    /** Where the result is printed. */
    PrintStream result() {
        return System.out;
    }

    /** Whether an option is on the command line, and does not only have its default. */
    final boolean isSet(String option) {
        return spec.commandLine().getParseResult().hasMatchedOption(option);
    }

    @Override
    public final Integer call() {
        Ending ending;
        try {
            ending = run();
        } catch (Throwable e) {
            ending = Ending.of(e);
        }
        ending.print(result(), Main.nameOf(spec), json, main.isVerbose());
        return ending.exitCode();
    }
}
