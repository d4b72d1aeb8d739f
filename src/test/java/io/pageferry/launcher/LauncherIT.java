package io.pageferry.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pageferry.testing.GoldenImage;
import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.Result;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
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

    /** A migration is a structured task scope, which is a preview in this JDK. */
    @Test
    void shouldMigrateInTheOneJvmThatWasStarted() throws Exception {
        Result result = PageferryProcess.in(folder)
                .environment(Map.of("JAVA_TOOL_OPTIONS", "-Dother=1"))
                .run("demo", "--size", "16M", "--json");
        assertEquals(0, result.code(), result.toString());
        assertEquals("completed", result.json().get("status").asString());
        assertEquals(1, timesStarted(result), result.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"C", "C.UTF-8"})
    void shouldBeTheProcessThatWasStartedWithTheFlagsItWasGiven(String locale) throws Exception {
        PageferryProcess.Launch launch = PageferryProcess.in(folder)
                .flags("-Xmx64m", "-Dname=a value", "-XX:+UseSerialGC")
                .environment(Map.of("LC_ALL", locale, "JAVA_TOOL_OPTIONS", "-Dother=1"));
        try (PageferryProcess process = launch.start("receive", "tcp:127.0.0.1:0", "an.img")) {
            process.awaitListening();
            assertEquals(
                    List.of(
                            PageferryProcess.JAVA.toString(),
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
            Result result = process.awaitEnd();
            assertEquals(143, result.code(), result.toString());
            assertEquals(1, timesStarted(result), result.toString());
        }
    }

    @Test
    void shouldHaveNoClassThatAJvmWithoutFlagsDoesNotRunOrCache() throws Exception {
        List<String> wrong = new ArrayList<>();
        int classes = 0;
        try (JarFile jar = new JarFile(PageferryProcess.JAR.toFile())) {
            for (JarEntry entry : Collections.list(jar.entries())) {
                if (entry.getName().endsWith(".class")) {
                    classes++;
                    ByteBuffer header =
                            ByteBuffer.wrap(jar.getInputStream(entry).readNBytes(8));
                    boolean preview = header.getShort(4) != 0;
                    boolean withoutStackMaps = header.getShort(6) < ClassFile.JAVA_6_VERSION;
                    if (preview || withoutStackMaps) {
                        wrong.add(entry.getName());
                    }
                }
            }
        }
        assertEquals(List.of(), wrong);
        assertTrue(classes > 1000, "classes=" + classes);
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

    /** Each JVM that starts says that it does as it is told by the environment. */
    private static long timesStarted(Result result) {
        return result.stderr()
                .lines()
                .filter(line -> line.startsWith("Picked up JAVA_TOOL_OPTIONS"))
                .count();
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
}
