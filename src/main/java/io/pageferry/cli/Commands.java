package io.pageferry.cli;

import java.util.List;
import java.util.concurrent.Callable;

/**
 * The commands there are. Finding a command's options takes about as long as a JVM takes to start, so that only those
 * are built that a command line needs.
 */
final class Commands {
    static final String SERVE = "serve";

    /** In the order in which they are listed. */
    static final List<String> NAMES =
            List.of("demo", "receive", SERVE, "send", "inspect", "verify", "convert", "load", "prime");

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
     * Makes a command. It is returned as an interface, so that the JVM does not load all the others to see whether each
     * is what is returned.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    static Callable<Integer> create(String name) {
        return switch (name) {
            case "demo" -> new DemoCommand();
            case "receive" -> new ReceiveCommand();
            case SERVE -> new ServeCommand();
            case "send" -> new SendCommand();
            case "inspect" -> new InspectCommand();
            case "verify" -> new VerifyCommand();
            case "convert" -> new ConvertCommand();
            case "load" -> new LoadCommand();
            case "prime" -> new PrimeCommand();
            default -> throw new IllegalArgumentException("command must be one there is: name=" + name);
        };
    }
}
