package io.pageferry.testing;

import java.util.ArrayList;
import java.util.List;

/** How to start another JVM with a test's main program, which is of the same class path. */
public final class TestJvm {
    private TestJvm() {}

    public static List<String> command(Class<?> main, Object... arguments) {
        List<String> command = new ArrayList<>(List.of(
                PageferryProcess.JAVA.toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--add-exports=java.base/jdk.internal.access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return command;
    }
}
