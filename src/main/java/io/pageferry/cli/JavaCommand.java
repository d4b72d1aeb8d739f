package io.pageferry.cli;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How to start more processes with the Java, the flags and the classes of this one. Stateless. */
public final class JavaCommand {
    private JavaCommand() {}

    /** Java with this process's flags; what it is to run is added by the caller, who may change the list. */
    public static List<String> withFlags() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        return command;
    }

    /** This program again, from the same jar or class path; its arguments are added by the caller. */
    static List<String> ofThisProgram() {
        List<String> command = withFlags();
        String path = System.getProperty("java.class.path");
        command.addAll(
                path.endsWith(".jar") && path.indexOf(':') < 0
                        ? List.of("-jar", path)
                        : List.of("-cp", path, Main.class.getName()));
        return command;
    }
}
