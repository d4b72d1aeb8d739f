package io.pageferry.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * What a command has on the command line, put together option by option, in the order of its help. picocli could find
 * that out by itself, from annotations; but it would do so by reflection, for which the JVM makes classes anew at each
 * start. That takes about as long as the JVM takes to start.
 */
final class CommandModel {
    private final CommandSpec spec;

    /**
     * Begins a command's model.
     *
     * @param description as help has it, a paragraph each
     */
    CommandModel(Callable<Integer> command, String name, String... description) {
        spec = CommandSpec.wrapWithoutInspection(command).name(name).versionProvider(new Version());
        spec.usageMessage().sortOptions(false).description(description);
    }

    /** What goes beyond options and parameters. */
    CommandSpec spec() {
        return spec;
    }

    /** Adds an option; returns its value. */
    <T> Value<T> add(Value<T> value, OptionSpec.Builder option) {
        spec.addOption(value.of(option));
        return value;
    }

    /** Adds a parameter; returns its value. */
    <T> Value<T> add(Value<T> value, PositionalParamSpec.Builder parameter) {
        spec.addPositional(value.of(parameter));
        return value;
    }

    /** Adds options of which one may be given. */
    void addExclusive(OptionSpec... options) {
        ArgGroupSpec.Builder group = ArgGroupSpec.builder();
        for (OptionSpec option : options) {
            group.addArg(option);
        }
        spec.addArgGroup(group.build());
    }

    /** Adds what every command has, and ends the model. */
    CommandSpec complete() {
        addHelp(spec);
        return spec;
    }

    /** Adds what picocli calls the standard help options. */
    static void addHelp(CommandSpec spec) {
        spec.addOption(Value.flag()
                .of(OptionSpec.builder("-h", "--help")
                        .usageHelp(true)
                        .description("Show this help message and exit.")));
        spec.addOption(Value.flag()
                .of(OptionSpec.builder("-V", "--version")
                        .versionHelp(true)
                        .description("Print version information and exit.")));
    }
}
