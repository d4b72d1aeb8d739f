package io.pageferry.cli;

import io.pageferry.config.ConfigException;
import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;

/** The command line's entry: picks the command, and turns every way it can end into an exit code and at most one line. */
@Command(
        name = "pageferry",
        description =
                "Takes live migrations of QEMU guests in over multifd, keeps them as images that QEMU loads, and sends them on.",
        subcommands = {DemoCommand.class, ReceiveCommand.class, SendCommand.class, InspectCommand.class},
        versionProvider = Version.class,
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
public final class Main {
    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "On failure, print the stack trace too.")
    private boolean verbose;

    private Main() {}

    public static void main(String[] args) {
        Interruption interruption = Interruption.install();
        int code;
        try {
            code = run(args);
        } finally {
            interruption.commandEnded();
        }
        System.exit(code);
    }

    /** Runs a command line in this process. */
    static int run(String... args) {
        Main main = new Main();
        return new CommandLine(main)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Main::refuse)
                .setExecutionExceptionHandler(main::fail)
                .execute(args);
    }

    private static int refuse(ParameterException e, String[] args) {
        String reason = e.getCause() instanceof ConfigException known ? known.getMessage() : e.getMessage();
        System.err.println(nameOf(e.getCommandLine()) + ": " + firstLine(reason) + " (see --help)");
        return ExitCode.USAGE;
    }

    private int fail(Exception e, CommandLine commandLine, ParseResult parsed) {
        System.err.println(nameOf(commandLine) + ": " + describe(e));
        if (verbose || isOurFault(e)) {
            e.printStackTrace();
        }
        return e instanceof ConfigException ? ExitCode.USAGE : ExitCode.FAILED;
    }

    /** Failures of peers, files and settings have a type of their own; any other is a fault of ours, and must be told in full. */
    private static boolean isOurFault(Throwable e) {
        return !(e instanceof IOException || e instanceof ConfigException);
    }

    static String describe(Throwable e) {
        if (isOurFault(e)) {
            return "internal error: " + e;
        }
        return firstLine(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }

    private static String nameOf(CommandLine commandLine) {
        CommandSpec spec = commandLine.getCommandSpec();
        return spec.parent() == null ? "pageferry" : "pageferry: " + spec.name();
    }
}
