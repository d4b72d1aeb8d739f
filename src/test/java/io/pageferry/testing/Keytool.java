package io.pageferry.testing;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The JDK's {@code keytool}, in this JVM, which has to open it: {@code --add-opens
 * java.base/sun.security.tools.keytool=ALL-UNNAMED}. As a process of its own it takes longer to start than to do what
 * it is asked for, and tests ask several hundred times.
 */
final class Keytool {
    private static final String MAIN = "sun.security.tools.keytool.Main";

    private Keytool() {}

    /**
     * Runs a command.
     *
     * @throws IllegalStateException with what it said, where it fails
     */
    static void run(List<String> arguments) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream err = System.err;
        Object code;
        try (PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8)) {
            Constructor<?> main = Class.forName(MAIN).getDeclaredConstructor();
            main.setAccessible(true);
            System.setErr(out); // it also says there what it is about to make
            code = main.getDeclaringClass()
                    .getMethod("run", String[].class, PrintStream.class)
                    .invoke(main.newInstance(), arguments.toArray(String[]::new), out);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "keytool must run: " + arguments + " said=" + said.toString(StandardCharsets.UTF_8), e);
        } finally {
            System.setErr(err);
        }
        if (!code.equals(0)) {
            throw new IllegalStateException(
                    "keytool must succeed: " + arguments + " said=" + said.toString(StandardCharsets.UTF_8));
        }
    }
}
