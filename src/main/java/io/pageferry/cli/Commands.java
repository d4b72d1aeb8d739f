package io.pageferry.cli;

import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The commands there are. Finding a command's options takes about as long as a JVM takes to start, so that only those
 * are built that a command line needs.
 */
final class Commands {
    static final String SERVE = "serve";

    /** In the order in which they are listed. */
    static final List<String> NAMES = List.of(
            "demo", "receive", SERVE, "send", "list", "inspect", "verify", "remove", "prune", "convert", "load",
            "prime");

    private static final List<String> VERSION_OPTIONS = List.of("-V", "--version");

    private Commands() {}

    /** Whether a command line asks for the version and has no other word, so that nothing needs to be built. */
    static boolean asksForVersionOnly(String... line) {
        return line.length == 1 && VERSION_OPTIONS.contains(line[0]);
    }

    /** Which commands a command line must know: one, or all. */
    static List<String> neededFor(String... line) {
        for (String word : line) {
            if (NAMES.contains(word)) {
                return List.of(word);
            }
            if (!VERSION_OPTIONS.contains(word) && !word.equals(Main.VERBOSE_OPTION)) {
                return NAMES;
            }
        }
        return NAMES;
    }

    /**
     * Makes a command's model, with the command in it. What comes out of the switch is a class that is final, so that
     * the JVM does not load all commands to see whether each is what is returned.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    static CommandSpec create(String name) {
        return switch (name) {
            case "demo" -> new DemoCommand().model.complete();
            case "receive" -> new ReceiveCommand().model.complete();
            case SERVE -> new ServeCommand().model.complete();
            case "send" -> new SendCommand().model.complete();
            case "list" -> new ListCommand().model.complete();
            case "remove" -> new RemoveCommand().model.complete();
            case "prune" -> new PruneCommand().model.complete();
            case "inspect" -> new InspectCommand().model.complete();
            case "verify" -> new VerifyCommand().model.complete();
            case "convert" -> new ConvertCommand().model.complete();
            case "load" -> new LoadCommand().model.complete();
            case "prime" -> new PrimeCommand().model.complete();
            default -> throw new IllegalArgumentException("command must be one there is: name=" + name);
        };
    }
}
