package io.pageferry.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pageferry.testing.GoldenImage;
import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.Result;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code java -jar} alone does, wherever, with whatever arguments; and where it cannot, one line says what is needed.
 */
@Timeout(120)
class LauncherIT {
    private static final Path JVMS = Path.of("/usr/lib/jvm");

    @TempDir
    private Path folder;

    @Test
    void shouldSayWhatItNeedsWhenJavaIsOld() throws Exception {
        Optional<Path> old = oldJava();
        assumeTrue(old.isPresent(), "skipped: no JDK 17 under " + JVMS + " to try it on");
        String line = PageferryProcess.in(folder).java(old.get()).run("demo").failed(2);
        assertTrue(line.startsWith("pageferry: needs Java 25, and this is Java 17 ("), line);
    }

    @Test
    void shouldBeTheSameProcessWithItsFlagsWhenItHasStartedItselfAgain() throws Exception {
        PageferryProcess.Launch launch =
                PageferryProcess.in(folder).flags("-Xmx64m", "-Dname=a value", "-XX:+UseSerialGC");
        try (PageferryProcess process = launch.start("receive", "tcp:127.0.0.1:0", "an.img")) {
            process.awaitListening();
            assertEquals(
                    List.of(
                            PageferryProcess.JAVA.toString(),
                            "--enable-preview",
                            "-Xmx64m",
                            "-Dname=a value",
                            "-XX:+UseSerialGC",
                            "-jar",
                            PageferryProcess.JAR.toString(),
                            "receive",
                            "tcp:127.0.0.1:0",
                            "an.img"),
                    commandLine(process));
            process.signal("TERM");
            process.awaitEnd().cancelled(143, "receive");
        }
    }

    @Test
    void shouldNotStartItselfAgainWhenPreviewsAreEnabled() throws Exception {
        PageferryProcess.Launch launch = PageferryProcess.in(folder).flags("-Dfirst=1", "--enable-preview");
        try (PageferryProcess process = launch.start("receive", "tcp:127.0.0.1:0", "an.img")) {
            process.awaitListening();
            assertEquals(
                    List.of("-Dfirst=1", "--enable-preview"),
                    commandLine(process).subList(1, 3));
        }
    }

    @Test
    void shouldLiveWithOptionsInTheEnvironment() throws Exception {
        GoldenImage.write(folder.resolve("an.img"));
        Result result = PageferryProcess.in(folder)
                .environment(Map.of("JAVA_TOOL_OPTIONS", "-Xmx128m", "JDK_JAVA_OPTIONS", "-Dname=value"))
                .run("inspect", "--json", "an.img");
        assertEquals(0, result.code(), result.toString());
        assertEquals("an.img", result.json().get("image").asString());
        assertTrue(result.stderr().lines().allMatch(line -> line.contains("Picked up ")), result.stderr());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a blank.img",
                " ",
                "quotes '\" and \\.img",
                "$(dollars) `ticks` *.img",
                "two\nlines.img",
                "--enable-preview",
                "@argument-file",
                "gäste-客.img"
            })
    void shouldGetItsArgumentsAsTheyWereGiven(String name) throws Exception {
        GoldenImage.write(folder.resolve(name));
        Result result = PageferryProcess.in(folder).run("inspect", "--json", "--", name);
        assertEquals(name, result.completed().json().get("image").asString());
    }

    @Test
    void shouldKnowFilesByTheirNamesWhenTheLocaleIsC() throws Exception {
        String name = "gäste-客.img";
        GoldenImage.write(folder.resolve(name));
        Result result =
                PageferryProcess.in(folder).environment(Map.of("LC_ALL", "C")).run("inspect", "--json", name);
        assertEquals(name, result.completed().json().get("image").asString());
    }

    @Test
    void shouldWorkWhenJarAndImageArePathsFromAnotherFolder() throws Exception {
        Path here = Files.createDirectories(folder.resolve("some where/else"));
        Path jar = Files.copy(PageferryProcess.JAR, folder.resolve("a ferry.jar"));
        GoldenImage.write(folder.resolve("some where/an.img"));
        PageferryProcess.in(folder)
                .directory(here)
                .jar(here.relativize(jar))
                .run("inspect", "../an.img")
                .completed();
    }

    @Test
    void shouldSayWhatToDoWhenItCannotStartItselfAgain() throws Exception {
        assumeTrue(canUnshare(), "skipped: this machine does not let us mount a file system of our own (unshare -rm)");
        // Without /proc it cannot know its own command line. The JDK finds its libraries there, too.
        Path libraries = PageferryProcess.JAVA.getParent().resolveSibling("lib");
        String line = PageferryProcess.in(folder)
                .wrapper("unshare", "-rm", "sh", "-c", "mount -t tmpfs tmpfs /proc && exec \"$@\"", "sh")
                .environment(Map.of("LD_LIBRARY_PATH", libraries.toString()))
                .run("--version")
                .failed(2);
        assertTrue(
                line.startsWith("pageferry: needs --enable-preview, and could not start itself again with it: "
                        + "start it with java --enable-preview -jar: "),
                line);
    }

    private static List<String> commandLine(PageferryProcess process) throws IOException {
        byte[] bytes = Files.readAllBytes(
                Path.of("/proc", String.valueOf(process.process().pid()), "cmdline"));
        return new ArrayList<>(Arrays.asList(new String(bytes, StandardCharsets.UTF_8).split("\0")));
    }

    private static Optional<Path> oldJava() throws IOException {
        if (!Files.isDirectory(JVMS)) {
            return Optional.empty();
        }
        try (Stream<Path> homes = Files.list(JVMS)) {
            return homes.filter(home -> home.getFileName().toString().contains("17"))
                    .map(home -> home.resolve("bin/java"))
                    .filter(Files::isExecutable)
                    .findFirst();
        }
    }

    private static boolean canUnshare() throws Exception {
        return new ProcessBuilder("unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/proc")
                        .start()
                        .waitFor()
                == 0;
    }
}
