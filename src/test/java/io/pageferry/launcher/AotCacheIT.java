package io.pageferry.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The cache beside the jar is used where it fits; where it does not, all goes as it does without one, and nobody
 * notices.
 */
@Timeout(180)
class AotCacheIT {
    private static final Random RANDOM = new Random(1);

    @TempDir
    private static Path primed;

    private static String version;

    @TempDir
    private Path folder;

    private Path jar;
    private Path cache;

    /** What may have happened to a cache. */
    private enum Damage {
        NOISE,
        TRUNCATED,
        CHANGED;

        byte[] to(byte[] cache) {
            return switch (this) {
                case NOISE -> {
                    RANDOM.nextBytes(cache);
                    yield cache;
                }
                case TRUNCATED -> Arrays.copyOf(cache, cache.length / 2);
                case CHANGED -> {
                    for (int i = cache.length / 4; i < cache.length / 2; i++) {
                        cache[i] ^= 1;
                    }
                    yield cache;
                }
            };
        }
    }

    @BeforeAll
    static void prime() throws Exception {
        Path jar = copyWithTimes(PageferryProcess.JAR, primed.resolve("pageferry.jar"));
        Result result = PageferryProcess.in(Files.createDirectory(primed.resolve("output")))
                .jar(jar)
                .run("prime", "--json")
                .completed();
        assertEquals(
                primed.resolve("pageferry.aot").toString(),
                result.json().get("cache").asString());
        try (Stream<Path> files = Files.list(primed)) {
            assertEquals(
                    List.of("output", "pageferry.aot", "pageferry.jar"),
                    files.map(file -> file.getFileName().toString()).sorted().toList());
        }
        assertEquals(Files.getPosixFilePermissions(jar), Files.getPosixFilePermissions(AotCache.beside(jar)));
        version = PageferryProcess.in(primed).run("--version").completed().stdout();
    }

    @BeforeEach
    void unpack() throws IOException {
        jar = copyWithTimes(primed.resolve("pageferry.jar"), folder.resolve("pageferry.jar"));
        cache = copyWithTimes(primed.resolve("pageferry.aot"), folder.resolve("pageferry.aot"));
    }

    @Test
    void shouldUseTheCacheBesideTheJar() throws Exception {
        try (PageferryProcess process = listening()) {
            assertTrue(hasMapped(process), "cache must be mapped: " + process);
        }
    }

    @Test
    void shouldUseTheCacheWhenTheUserHasFlags() throws Exception {
        try (PageferryProcess process = listening("-Xmx128m", "-XX:+UseSerialGC")) {
            assertTrue(hasMapped(process), "cache must be mapped: " + process);
        }
    }

    @Test
    void shouldNotUseTheCacheWhenTheJarIsNewer() throws Exception {
        FileTime later =
                FileTime.from(Files.getLastModifiedTime(cache).toInstant().plus(Duration.ofSeconds(1)));
        Files.setLastModifiedTime(jar, later);
        try (PageferryProcess process = listening()) {
            assertFalse(commandLine(process).contains(".aot"), commandLine(process));
        }
    }

    @Test
    void shouldStartWhenTheJarIsAnotherThanTheCacheIsFor() throws Exception {
        Files.setLastModifiedTime(jar, FileTime.fromMillis(1_000_000_000_000L));
        try (PageferryProcess process = listening()) {
            assertTrue(commandLine(process).contains(".aot"), commandLine(process));
            assertFalse(hasMapped(process), "cache must not be mapped: " + process);
        }
        assertSaysItsVersion(PageferryProcess.in(folder));
    }

    @ParameterizedTest
    @EnumSource(Damage.class)
    void shouldStartWhenTheCacheIsDamaged(Damage damage) throws Exception {
        Files.write(cache, damage.to(Files.readAllBytes(cache)));
        assertSaysItsVersion(PageferryProcess.in(folder));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-Xshare:auto",
                "-Xlog:disable -XX:+AutoCreateSharedArchive -XX:SharedArchiveFile=own.jsa",
                "-XX:+UseZGC",
                "--add-opens=java.base/java.lang=ALL-UNNAMED"
            })
    void shouldStartWhenTheUsersFlagsDoNotGoWithTheCache(String flags) throws Exception {
        assertSaysItsVersion(PageferryProcess.in(folder).flags(flags.split(" ")));
    }

    @Test
    void shouldStartWhenFlagsInTheEnvironmentDoNotGoWithTheCache() throws Exception {
        Result result = PageferryProcess.in(folder)
                .jar(jar)
                .environment(Map.of("JAVA_TOOL_OPTIONS", "-Xmx128m -Xshare:auto"))
                .run("--version");
        assertEquals(0, result.code(), result.toString());
        assertEquals(version, result.stdout());
    }

    private void assertSaysItsVersion(PageferryProcess.Launch launch) throws Exception {
        Result result = launch.jar(jar).run("--version").completed();
        assertEquals(version, result.stdout());
        assertEquals("", result.stderr());
    }

    private PageferryProcess listening(String... flags) throws IOException {
        PageferryProcess process =
                PageferryProcess.in(folder).flags(flags).jar(jar).start("receive", "tcp:127.0.0.1:0", "an.img");
        process.awaitListening();
        return process;
    }

    private boolean hasMapped(PageferryProcess process) throws IOException {
        return Files.readString(proc(process, "maps")).contains(cache.toString());
    }

    private static String commandLine(PageferryProcess process) throws IOException {
        return Files.readString(proc(process, "cmdline")).replace('\0', ' ');
    }

    private static Path proc(PageferryProcess process, String file) {
        return Path.of("/proc", String.valueOf(process.process().pid()), file);
    }

    /** The JVM knows a jar again by its size and its time. */
    private static Path copyWithTimes(Path from, Path to) throws IOException {
        return Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES);
    }
}
