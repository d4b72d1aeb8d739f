package io.pageferry.cli;

import io.pageferry.config.ConfigException;
import io.pageferry.supervision.UncaughtFaults;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** The command line's entry: picks the command and ends the process with its exit code. */
public final class Main {
    static final String VERBOSE_OPTION = "--verbose";

    private final Value<Boolean> verbose = Value.flag();

    private Main() {}

    public static void main(String[] args) {
        AotCache.requireThisJar();
        if (Commands.asksForVersionOnly(args)) {
            System.out.println(Version.line());
            return;
        }
        Utf8Locale.startAgainIfNeededFor(args);
        Interruption interruption = Interruption.install();
        int code = ExitCode.FAILED;
        try {
            code = run(args);
        } finally {
            interruption.commandEnded(code);
        }
        System.exit(code);
    }

    /** Runs a command line in this process. */
    static int run(String... line) {
        if (line.length == 0) {
            Overview.print(System.out);
            return ExitCode.COMPLETED;
        }
        String[] args = withoutHelpCommand(line);
        CommandLine main = model(Commands.neededFor(args));
        main.setCaseInsensitiveEnumValuesAllowed(true)
                .registerConverter(OnOff.class, OnOff::parse)
                .registerConverter(OnOffAuto.class, OnOffAuto::parse)
                .setParameterExceptionHandler(Main::refuse);
        if (args.length == 0 || !args[0].equals(Commands.SERVE)) {
            return main.execute(args);
        }
        CommandLine serve = main.getSubcommands().get(Commands.SERVE).setOverwrittenOptionsAllowed(true);
        try {
            String[] expanded = ServeConfig.expand(args, ServeConfig.INSTALLED);
            Utf8Locale.startAgainIfNeededFor(expanded);
            return main.execute(expanded);
        } catch (ConfigException e) {
            return refuse(new ParameterException(serve, e.getMessage(), e), args);
        }
    }

    /** {@code help} and {@code help COMMAND} are {@code --help} and {@code COMMAND --help}. */
    private static String[] withoutHelpCommand(String... line) {
        if (!line[0].equals("help")) {
            return line;
        }
        if (line.length == 1) {
            return new String[] {"--help"};
        }
        // What is no command is told so.
        return Commands.NAMES.contains(line[1]) ? new String[] {line[1], "--help"} : new String[] {line[1]};
    }

    /** All commands with their options, for what is made of them: manuals, completions. */
    public static CommandLine model() {
        return model(Commands.NAMES);
    }

    private static CommandLine model(List<String> names) {
        CommandLine main = new CommandLine(new Main().spec());
        names.forEach(name -> main.addSubcommand(name, Commands.create(name)));
        return main;
    }

    private CommandSpec spec() {
        CommandSpec spec =
                CommandSpec.wrapWithoutInspection(this).name("pageferry").versionProvider(new Version());
        spec.addOption(verbose.of(OptionSpec.builder(VERBOSE_OPTION)
                .scopeType(ScopeType.INHERIT)
                .description("On failure, print the stack trace too.")));
        CommandModel.addHelp(spec);
        Map<String, String> exitCodes = new LinkedHashMap<>();
        exitCodes.put(
                String.valueOf(ExitCode.COMPLETED), "completed; serve: was told to end, by SIGTERM or Ctrl-C, and has");
        exitCodes.put(String.valueOf(ExitCode.FAILED), "failed; one line on stderr says why");
        exitCodes.put(String.valueOf(ExitCode.USAGE), "the command line is wrong, or Java too old");
        exitCodes.put(
                String.valueOf(UncaughtFaults.EXIT_CODE), "serve met an internal error that it cannot go on from");
        exitCodes.put(String.valueOf(ExitCode.INTERRUPTED), "ended by Ctrl-C (143: by SIGTERM)");
        spec.usageMessage()
                .description("Takes live migrations of QEMU guests in over multifd, keeps them as images that QEMU"
                        + " loads, and sends them on.")
                .synopsisSubcommandLabel("COMMAND")
                .exitCodeListHeading("Exit codes:%n")
                .exitCodeList(exitCodes);
        return spec;
    }

    /** A command line that could not be read may still have asked for JSON. */
    private static int refuse(ParameterException e, String[] args) {
        Ending ending = Ending.of(e);
        boolean json = Arrays.asList(args).contains(ReportingCommand.JSON_OPTION);
        ending.print(System.out, nameOf(e.getCommandLine().getCommandSpec()), json, false);
        return ending.exitCode();
    }

    boolean isVerbose() {
        return verbose.get();
    }

    static String nameOf(CommandSpec spec) {
        return spec.parent() == null ? "pageferry" : "pageferry: " + spec.name();
    }
}
