package io.pageferry.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A disk for a process of its own that takes its time to have a file on it: a library, loaded in front of C's, whose
 * {@code fsync} of a regular file waits first, and leaves a mark that it does. It is made by the machine's C compiler
 * ({@code cc}).
 */
public final class SlowFsync {
    private static final String SOURCE = """
            #define _GNU_SOURCE
            #include <fcntl.h>
            #include <stdlib.h>
            #include <sys/stat.h>
            #include <sys/syscall.h>
            #include <time.h>
            #include <unistd.h>

            static int slow(long call, int file) {
                struct stat what;
                const char *millis = getenv("SLOW_FSYNC_MILLIS");
                if (millis != NULL && fstat(file, &what) == 0 && S_ISREG(what.st_mode) && what.st_size > 0) {
                    struct timespec left = {atol(millis) / 1000, atol(millis) % 1000 * 1000000};
                    close(open(getenv("SLOW_FSYNC_MARK"), O_CREAT | O_WRONLY, 0600));
                    while (nanosleep(&left, &left) != 0) {
                    }
                }
                return (int) syscall(call, file);
            }

            int fsync(int file) { return slow(SYS_fsync, file); }

            int fdatasync(int file) { return slow(SYS_fdatasync, file); }
            """;

    private static final int COMPILER_SECONDS = 60;

    private final Path library;
    private final Path mark;

    private SlowFsync(Path library, Path mark) {
        this.library = library;
        this.mark = mark;
    }

    /** Makes the library, in a folder that has nothing else. */
    public static SlowFsync in(Path folder) throws IOException, InterruptedException {
        Path source = Files.writeString(folder.resolve("slow-fsync.c"), SOURCE);
        Path library = folder.resolve("slow-fsync.so");
        Process compiler = new ProcessBuilder(
                        List.of("cc", "-O1", "-shared", "-fPIC", "-o", library.toString(), source.toString()))
                .inheritIO()
                .start();
        if (!compiler.waitFor(COMPILER_SECONDS, TimeUnit.SECONDS) || compiler.exitValue() != 0) {
            compiler.destroyForcibly();
            throw new AssertionError("a C compiler must be there: command=cc");
        }
        return new SlowFsync(library, folder.resolve("fsync-begun"));
    }

    /** What a process's environment must have besides. */
    public Map<String, String> of(Duration time) {
        return Map.of(
                "LD_PRELOAD",
                library.toString(),
                "SLOW_FSYNC_MILLIS",
                String.valueOf(time.toMillis()),
                "SLOW_FSYNC_MARK",
                mark.toString());
    }

    /** Whether a file is being forced to disk, or has been. */
    public boolean hasBegun() {
        return Files.exists(mark);
    }

    /** Waits until a file is being forced to disk. */
    public void awaitBegun() {
        Eventually.until("fsync", this::hasBegun);
    }
}
