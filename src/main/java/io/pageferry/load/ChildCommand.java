package io.pageferry.load;

import java.util.List;

/** What the command lines of a load test's processes begin with. */
public final class ChildCommand {
    /** Ctrl-C at a terminal is for us alone, who then end the others in order. */
    public static final List<String> OWN_SESSION = List.of("setsid");

    private ChildCommand() {}
}
