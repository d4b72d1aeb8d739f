package io.pageferry.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What all commands have in common: however one ends, it says so once, in the same way. */
abstract class ReportingCommand implements Callable<Integer> {
    static final String JSON_OPTION = "--json";

    final CommandModel model;

    private final Value<Boolean> json;

    /**
     * Begins a command's model, which the command goes on with.
     *
     * @param description as help has it, a paragraph each
     */
    ReportingCommand(String name, String... description) {
        model = new CommandModel(this, name, description);
        json = model.add(
                Value.flag(),
                OptionSpec.builder(JSON_OPTION)
                        .description("Print the result as one JSON object, a migration's shaped like QMP's"
                                + " query-migrate; where it failed, error-desc says why."));
    }

    /** Does what the command is for. */
    abstract Ending run() throws IOException, InterruptedException;

    /** Where the result is printed. */
    PrintStream result() {
        return System.out;
    }

    /** Whether an option is on the command line, and does not only have its default. */
    final boolean isSet(String option) {
        return model.spec().commandLine().getParseResult().hasMatchedOption(option);
    }

    @Override
    public final Integer call() {
        Ending ending;
        try {
            ending = run();
        } catch (Throwable e) {
            ending = Ending.of(e);
        }
        CommandSpec spec = model.spec();
        boolean verbose = ((Main) spec.root().userObject()).isVerbose();
        ending.print(result(), Main.nameOf(spec), json.get(), verbose);
        return ending.exitCode();
    }
}
