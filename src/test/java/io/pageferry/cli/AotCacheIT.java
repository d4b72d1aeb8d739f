package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
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
 * The cache beside the jar is used where it fits and the options beside it are given; where it does not, all goes as it
 * does without one, and nobody notices.
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
    private Path options;

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
        assertEquals(
                primed.resolve("pageferry.java-options").toString(),
                result.json().get("java-options").asString());
        try (Stream<Path> files = Files.list(primed)) {
            assertEquals(
                    List.of("output", "pageferry.aot", "pageferry.jar", "pageferry.java-options"),
                    files.map(file -> file.getFileName().toString()).sorted().toList());
        }
        assertEquals(Files.getPosixFilePermissions(jar), Files.getPosixFilePermissions(AotCache.beside(jar)));
        version = PageferryProcess.in(primed).run("--version").completed().stdout();
    }

    @BeforeEach
    void unpack() throws IOException {
        // The name is as awkward as those of files with options allow.
        Path here = Files.createDirectory(folder.resolve("a \"quoted\" \\ folder"));
        jar = copyWithTimes(primed.resolve("pageferry.jar"), here.resolve("pageferry.jar"));
        cache = copyWithTimes(primed.resolve("pageferry.aot"), here.resolve("pageferry.aot"));
        options = here.resolve("pageferry.java-options");
        AotCache.writeOptions(jar);
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
    void shouldRefuseTheCacheWhenTheJarIsAnotherThanItIsFor() throws Exception {
        Files.setLastModifiedTime(jar, FileTime.fromMillis(1_000_000_000_000L));
        String line = PageferryProcess.in(folder)
                .flags(withOptions())
                .jar(jar)
                .run("--version")
                .failed(2);
        assertEquals(
                "pageferry: cache must be of this jar: start without the options of prime, and make it anew by prime:"
                        + " jar=" + jar,
                line);
    }

    @Test
    void shouldStartWhenThereIsNoCache() throws Exception {
        Files.delete(cache);
        assertSaysItsVersion();
    }

    @ParameterizedTest
    @EnumSource(Damage.class)
    void shouldStartWhenTheCacheIsDamaged(Damage damage) throws Exception {
        Files.write(cache, damage.to(Files.readAllBytes(cache)));
        assertSaysItsVersion();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-XX:+UseZGC", "--add-opens=java.base/java.lang=ALL-UNNAMED"})
    void shouldStartWhenTheUsersFlagsDoNotGoWithTheCache(String flag) throws Exception {
        assertSaysItsVersion(flag);
    }

    private void assertSaysItsVersion(String... flags) throws Exception {
        Result result = PageferryProcess.in(folder)
                .flags(withOptions(flags))
                .jar(jar)
                .run("--version")
                .completed();
        assertEquals(version, result.stdout());
        assertEquals("", result.stderr());
    }

    private PageferryProcess listening(String... flags) throws IOException {
        PageferryProcess process = PageferryProcess.in(folder)
                .flags(withOptions(flags))
                .jar(jar)
                .start("receive", "tcp:127.0.0.1:0", "an.img");
        process.awaitListening();
        return process;
    }

    private String[] withOptions(String... flags) {
        return Stream.concat(Stream.of(flags), Stream.of("@" + options)).toArray(String[]::new);
    }

    /** The file of the kernel's that says so has the name as it is, but for newlines. */
    private boolean hasMapped(PageferryProcess process) throws IOException {
        Path maps = Path.of("/proc", String.valueOf(process.process().pid()), "maps");
        return Files.readString(maps).contains(cache.toString());
    }

    /** The JVM knows a jar again by its size and its time. */
    private static Path copyWithTimes(Path from, Path to) throws IOException {
        return Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES);
    }
}
