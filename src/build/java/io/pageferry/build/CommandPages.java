package io.pageferry.build;

import io.pageferry.cli.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Writes what shells and {@code man} know of the command line, from the same model that {@code --help} is printed from:
 * manual pages, and completions for bash, zsh and fish.
 */
public final class CommandPages {
    private static final String NAME = "pageferry";

    /** In the script for bash: what an option's value may be. */
    private static final Pattern VALUES = Pattern.compile("_option_args=\\([^)]*\\)");

    private CommandPages() {}

    /**
     * Writes all files into a folder that is laid out as {@code /usr/share}.
     *
     * @param arguments the folder
     * @throws IOException if one cannot be written
     */
    public static void main(String[] arguments) throws IOException {
        Path share = Path.of(arguments[0]);
        CommandLine main = Main.model();
        write(share.resolve("man/man1/" + NAME + ".1"), manual(NAME, main));
        for (Map.Entry<String, CommandLine> command : main.getSubcommands().entrySet()) {
            String name = NAME + "-" + command.getKey();
            write(share.resolve("man/man1/" + name + ".1"), manual(name, command.getValue()));
        }
        String bash = bash(main);
        write(share.resolve("bash-completion/completions/" + NAME), bash);
        write(share.resolve("zsh/vendor-completions/_" + NAME), zsh(bash));
        write(share.resolve("fish/vendor_completions.d/" + NAME + ".fish"), fish(main));
    }

    /** A page of man(1): what {@code --help} prints, with the headings that man has. */
    static String manual(String name, CommandLine command) {
        List<String> description =
                List.of(command.getCommandSpec().usageMessage().description());
        String help = command.getUsageMessage(Ansi.OFF);
        String others = command.getSubcommands().keySet().stream()
                .map(other -> ".BR " + name + "-" + roff(other) + " (1)\n")
                .collect(Collectors.joining());
        return ".TH " + name.toUpperCase(Locale.ROOT) + " 1\n.SH NAME\n" + roff(name) + " \\- "
                + roff(firstSentence(description.getFirst())) + "\n.SH USAGE\n.nf\n"
                + help.lines().map(line -> roff(line) + "\n").collect(Collectors.joining()) + ".fi\n.SH SEE ALSO\n"
                + (others.isEmpty() ? ".BR " + NAME + " (1)\n" : others);
    }

    /** Values are those of enums, which users write in small letters. */
    static String bash(CommandLine main) {
        return VALUES.matcher(AutoComplete.bash(NAME, main))
                .replaceAll(values -> values.group().toLowerCase(Locale.ROOT));
    }

    /** zsh runs completions of bash, once it is told to. */
    private static String zsh(String bash) {
        return "#compdef " + NAME + "\nautoload -Uz bashcompinit && bashcompinit\n" + bash;
    }

    /** For fish: the commands where there is none yet, and a command's options behind it. */
    static String fish(CommandLine main) {
        StringBuilder script = new StringBuilder();
        script.append(options("__fish_use_subcommand", main));
        main.getSubcommands().forEach((name, command) -> {
            String description =
                    firstSentence(command.getCommandSpec().usageMessage().description()[0]);
            script.append(complete("__fish_use_subcommand"))
                    .append(" -f -a ")
                    .append(name)
                    .append(" -d ")
                    .append(quoted(description))
                    .append('\n')
                    .append(options("__fish_seen_subcommand_from " + name, command));
        });
        return script.toString();
    }

    private static String options(String condition, CommandLine command) {
        StringBuilder lines = new StringBuilder();
        for (OptionSpec option : command.getCommandSpec().options()) {
            if (option.hidden()) {
                continue;
            }
            lines.append(complete(condition));
            for (String name : option.names()) {
                lines.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1));
            }
            if (option.arity().max() > 0) {
                lines.append(" -r").append(values(option));
            }
            String description = option.description().length == 0 ? "" : option.description()[0];
            lines.append(" -d ").append(quoted(firstSentence(description))).append('\n');
        }
        return lines.toString();
    }

    private static String values(OptionSpec option) {
        if (option.completionCandidates() == null) {
            return "";
        }
        String values = String.join(" ", option.completionCandidates()).toLowerCase(Locale.ROOT);
        return values.isEmpty() ? "" : " -f -a " + quoted(values);
    }

    private static String complete(String condition) {
        return "complete -c " + NAME + " -n " + quoted(condition);
    }

    private static String firstSentence(String text) {
        int end = text.indexOf(". ");
        String sentence = end < 0 ? text : text.substring(0, end);
        return sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    /** A backslash, a hyphen, and a dot or an apostrophe in front of a line mean something to roff. */
    private static String roff(String text) {
        String escaped = text.replace("\\", "\\e").replace("-", "\\-");
        return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
