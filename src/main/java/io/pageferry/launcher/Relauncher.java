package io.pageferry.launcher;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Starts this process's own command again, with {@code --enable-preview}, under the same process id: signals, pipes and whoever waits for it notice
 * nothing. Compiled without previews.
 */
public final class Relauncher {
    private static final String ENABLE_PREVIEW = "--enable-preview";

    private Relauncher() {}

    /**
     * Does not return.
     *
     * @param args are not looked at: the command line of the process has them, as they were given
     */
    @SuppressWarnings("restricted")
    public static void main(String[] args) throws Throwable {
        List<byte[]> command = commandLine();
        byte[] preview = terminated(ENABLE_PREVIEW.getBytes(StandardCharsets.US_ASCII));
        if (command.stream().anyMatch(argument -> Arrays.equals(argument, preview))) {
            throw new IllegalStateException("preview classes do not load, though they are enabled");
        }
        command.add(1, preview);

        Linker linker = Linker.nativeLinker();
        var execv = linker.downcallHandle(
                linker.defaultLookup().find("execv").orElseThrow(), FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment argv = arena.allocate(ADDRESS, command.size() + 1);
            for (int i = 0; i < command.size(); i++) {
                argv.setAtIndex(ADDRESS, i, arena.allocateFrom(JAVA_BYTE, command.get(i)));
            }
            MemorySegment path = arena.allocateFrom(
                    Files.readSymbolicLink(Path.of("/proc/self/exe")).toString());
            int result = (int) execv.invokeExact(path, argv);
            throw new IOException("execv failed: result=" + result + " path=" + path.getString(0));
        }
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
