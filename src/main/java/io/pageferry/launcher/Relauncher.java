package io.pageferry.launcher;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Starts this process's own command again, with {@code --enable-preview} and the {@linkplain AotCache cache} where
 * there is one, under the same process id: signals, pipes and whoever waits for it notice nothing. Compiled without
 * previews.
 */
public final class Relauncher {
    private static final int CANNOT_START = 2;
    private static final byte[] ENABLE_PREVIEW = terminated("--enable-preview".getBytes(StandardCharsets.US_ASCII));

    /** The JDK's name for the charset of the locale C, where nobody has set another. */
    private static final String ASCII = "ANSI_X3.4-1968";

    private Relauncher() {}

    /**
     * Does not return.
     *
     * @param args are not looked at: the command line of the process has them, as they were given
     */
    public static void main(String[] args) {
        String reason;
        try {
            reason = relaunch();
        } catch (Throwable e) {
            reason = e.toString();
        }
        System.err.println("pageferry: needs --enable-preview, and could not start itself again with it: start it with"
                + " java --enable-preview -jar: reason=\"" + reason + "\"");
        System.exit(CANNOT_START);
    }

    /** Comes back only with the reason why it could not. */
    private static String relaunch() throws Throwable {
        List<byte[]> command = commandLine();
        if (Arrays.equals(command.get(1), ENABLE_PREVIEW)) {
            return "preview classes do not load, though they are enabled";
        }
        command.add(1, ENABLE_PREVIEW);
        command.addAll(2, cacheFlags(command));
        String java = Files.readSymbolicLink(Path.of("/proc/self/exe")).toString();
        try (Arena arena = Arena.ofConfined()) {
            setUtf8Locale(arena);
            int result = execute(arena, java, command);
            return "execv of " + java + " returned " + result;
        }
    }

    /**
     * What makes the JVM use the cache beside the jar, where there is one. A jar that is started otherwise than by
     * {@code -jar} is somebody's who knows better.
     */
    private static List<byte[]> cacheFlags(List<byte[]> command) {
        Charset names = Charset.forName(System.getProperty("sun.jnu.encoding"));
        List<String> words = command.stream()
                .map(word -> new String(word, 0, word.length - 1, names))
                .toList();
        int end = words.indexOf("-jar");
        if (end < 0) {
            return List.of();
        }
        Path jar = Path.of(System.getProperty("java.class.path"));
        return AotCache.flagsFor(jar, words.subList(1, end), System.getenv()).stream()
                .map(flag -> terminated(flag.getBytes(names)))
                .toList();
    }

    /**
     * In the locale C the JDK cannot name files whose names are not ASCII; their bytes would be lost before we see
     * them.
     */
    private static void setUtf8Locale(Arena arena) throws Throwable {
        if (ASCII.equals(System.getProperty("sun.jnu.encoding"))) {
            MethodHandle setenv = function("setenv", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
            int overwrite = 1;
            int _ = (int) setenv.invokeExact(arena.allocateFrom("LC_ALL"), arena.allocateFrom("C.UTF-8"), overwrite);
        }
    }

    private static int execute(Arena arena, String path, List<byte[]> command) throws Throwable {
        MethodHandle execv = function("execv", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
        MemorySegment argv = arena.allocate(ADDRESS, command.size() + 1);
        for (int i = 0; i < command.size(); i++) {
            argv.setAtIndex(ADDRESS, i, arena.allocateFrom(JAVA_BYTE, command.get(i)));
        }
        return (int) execv.invokeExact(arena.allocateFrom(path), argv);
    }

    @SuppressWarnings("restricted")
    private static MethodHandle function(String name, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().find(name).orElseThrow(), descriptor);
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

    private static byte[] terminated(byte[] bytes) {
        return Arrays.copyOf(bytes, bytes.length + 1);
    }
}
