package io.pageferry.testing;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * A disk that fails, for other processes: {@code faulty-disk.c} gets between them and the C library. It is built by
 * {@code cc}, and where there is none, its tests are skipped.
 */
public final class FaultyDisk {
    public static final int EIO = 5;

    /** Which calls are counted. */
    public enum Kind {
        ALL,
        FORCED_FOLDERS
    }

    private final Path library;

    private FaultyDisk(Path library) {
        this.library = library;
    }

    /** @param folder where to build it, which is not the one that fails */
    public static FaultyDisk build(Path folder) throws IOException, InterruptedException {
        Path source = Path.of("src", "test", "resources", "faults", "faulty-disk.c");
        Path library = folder.resolve("faulty-disk.so");
        Path log = folder.resolve("faulty-disk.log");
        Process compiler;
        try {
            compiler = new ProcessBuilder(
                            "cc", "-O1", "-shared", "-fPIC", "-o", library.toString(), source.toString(), "-ldl")
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            Assumptions.abort("a disk that fails needs a C compiler: command=cc");
            throw e;
        }
        if (!compiler.waitFor(Eventually.DEADLINE.toSeconds(), TimeUnit.SECONDS) || compiler.exitValue() != 0) {
            compiler.destroyForcibly();
            throw new AssertionError("C source must compile: " + Files.readString(log));
        }
        return new FaultyDisk(library);
    }

    /** For a process on whose disk nothing fails yet. */
    public Map<String, String> environment() {
        return Map.of("LD_PRELOAD", library.toString());
    }

    /**
     * For a process on whose disk a call fails.
     *
     * @param errno what that call fails with; negative: all from that on do; 0: the process is killed before it
     */
    public Map<String, String> environment(Path folder, Kind kind, long nth, int errno) {
        return Map.of(
                "LD_PRELOAD",
                library.toString(),
                "FAULTY_DISK",
                folder + ":" + kind.ordinal() + ":" + nth + ":" + errno);
    }

    /** What the process itself says of its disk, one that was started with it. */
    public static final class Control {
        private final MethodHandle arm;
        private final MethodHandle calls;

        @SuppressWarnings("restricted")
        public Control() {
            // The same file again, so the same variables.
            SymbolLookup library = SymbolLookup.libraryLookup(Path.of(System.getenv("LD_PRELOAD")), Arena.global());
            Linker linker = Linker.nativeLinker();
            arm = linker.downcallHandle(
                    library.findOrThrow("faulty_disk_arm"),
                    FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT, JAVA_LONG, JAVA_INT));
            calls = linker.downcallHandle(library.findOrThrow("faulty_disk_calls"), FunctionDescriptor.of(JAVA_LONG));
        }

        /** From now on the nth call fails, as of {@link FaultyDisk#environment(Path, Kind, long, int)}. */
        public void fail(Path folder, Kind kind, long nth, int errno) {
            try (Arena arena = Arena.ofConfined()) {
                arm.invokeWithArguments(arena.allocateFrom(folder.toString()), kind.ordinal(), nth, errno);
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }

        /** Nothing fails any more. Returns how many calls there have been. */
        public long heal() {
            try {
                long before = (long) calls.invokeWithArguments();
                fail(Path.of("/"), Kind.ALL, 0, EIO);
                return before;
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
