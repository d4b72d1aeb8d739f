package io.pageferry.cli;

import java.util.List;

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

    /** Which commands a command line must know: one, none where it asks for the version, or all. */
    static List<String> neededFor(String... line) {
        boolean version = false;
        for (String word : line) {
            if (NAMES.contains(word)) {
                return List.of(word);
            }
            if (VERSION_OPTIONS.contains(word)) {
                version = true;
            } else if (!word.equals(Main.VERBOSE_OPTION)) {
                return NAMES;
            }
        }
        return version ? List.of() : NAMES;
    }

    /**
     * Makes a command.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    static ReportingCommand create(String name) {
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
