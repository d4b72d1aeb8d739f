package io.pageferry.cli;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.pageferry.foreign.NativeFunctions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Names that are not ASCII, in the locale C, where the JDK cannot name files that have such names, and has lost the
 * bytes of such arguments before any of our code runs. Where one may be among them, the same command is started again
 * in this process's place, in the locale C.UTF-8, under the same process id: signals, pipes and whoever waits for it
 * notice nothing. In any other locale, and for all other names, nothing happens.
 */
final class Utf8Locale {
    private static final int CANNOT_START = 2;

    private static final String VARIABLE = "LC_ALL";
    private static final String LOCALE = "C.UTF-8";

    /** The JDK's name for the charset of the locale C, where nobody has set another. */
    private static final String ASCII = "ANSI_X3.4-1968";

    /** What the JDK has put in the place of a byte that it could not read. */
    private static final char LOST = '?';

    private static final char LAST_OF_ASCII = 0x7f;

    /**
     * Whoever connects to such a socket may have a name for its own end; one that is not ASCII costs the JDK's accept
     * the descriptor.
     */
    private static final String UNIX_SOCKET = "unix:";

    private Utf8Locale() {}

    /**
     * Does not return where it starts the command again.
     *
     * @param arguments of the command; for {@code serve} also those of its file
     */
    static void startAgainIfNeededFor(String... arguments) {
        if (!ASCII.equals(System.getProperty("sun.jnu.encoding")) || LOCALE.equals(System.getenv(VARIABLE))) {
            return;
        }
        if (mayBeLost(System.getProperty("user.dir"))
                || Arrays.stream(arguments).anyMatch(Utf8Locale::mayBeLost)) {
            System.err.println("pageferry: needs a locale with UTF-8 for names that are not ASCII, and could not start"
                    + " itself again in one: set " + VARIABLE + "=" + LOCALE + ": reason=\"" + startAgain() + "\"");
            System.exit(CANNOT_START);
        }
    }

    private static boolean mayBeLost(String argument) {
        return argument.chars().anyMatch(c -> c == LOST || c > LAST_OF_ASCII) || argument.contains(UNIX_SOCKET);
    }

    /** Comes back only with the reason why it could not. */
    private static String startAgain() {
        MethodHandle setenv = NativeFunctions.ofC("setenv");
        MethodHandle execv = NativeFunctions.ofC("execv");
        try (Arena arena = Arena.ofConfined()) {
            List<byte[]> command = commandLine();
            MemorySegment argv = arena.allocate(ADDRESS, command.size() + 1);
            for (int i = 0; i < command.size(); i++) {
                argv.setAtIndex(ADDRESS, i, arena.allocateFrom(JAVA_BYTE, command.get(i)));
            }
            String java = Files.readSymbolicLink(Path.of("/proc/self/exe")).toString();
            int overwrite = 1;
            call(setenv, arena.allocateFrom(VARIABLE), arena.allocateFrom(LOCALE), overwrite);
            return "execv of " + java + " returned " + call(execv, arena.allocateFrom(java), argv, 0);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static int call(MethodHandle function, MemorySegment first, MemorySegment second, long third) {
        return (int) NativeFunctions.call(function, first.address(), second.address(), third, 0, 0, 0);
    }

    /** The arguments of this process, each with its terminating NUL, byte by byte as they were given. */
    private static List<byte[]> commandLine() throws IOException {
        byte[] bytes = Files.readAllBytes(Path.of("/proc/self/cmdline"));
        List<byte[]> arguments = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == 0) {
                arguments.add(Arrays.copyOfRange(bytes, start, i + 1));
                start = i + 1;
            }
        }
        return arguments;
    }
}
