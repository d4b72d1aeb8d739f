package io.pageferry.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pageferry.testing.ChildProcess;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.GoldenImage;
import io.pageferry.testing.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What users install: runs wherever it lies, with its own Java and the cache that was made for it. */
@Timeout(300)
class PackageIT {
    private static final Path TARGET = Path.of("target").toAbsolutePath();

    /** The JVM does not start where it cannot use the cache. */
    private static final Map<String, String> ONLY_WITH_CACHE = Map.of("PAGEFERRY_JAVA_OPTIONS", "-XX:AOTMode=on");

    private static Path launcher;

    @TempDir
    private Path folder;

    @BeforeAll
    static void makePackage(@TempDir Path output) throws Exception {
        List<String> command =
                List.of(Path.of("scripts", "package").toAbsolutePath().toString(), "--no-build");
        try (ChildProcess making = ChildProcess.start("package", output, command)) {
            assertEquals(0, making.awaitExit(), making::toString);
        }
        List<Path> launchers = launchersBelow(TARGET);
        assertEquals(1, launchers.size(), launchers::toString);
        launcher = launchers.getFirst();
    }

    @Test
    void shouldRunWhereItLies() throws Exception {
        assertVersion(run(launcher, ONLY_WITH_CACHE, "--version"));
    }

    @Test
    void shouldUseItsCacheWhereItsArchiveIsUnpacked() throws Exception {
        Path unpacked = unpack(folder.resolve("some where"));
        assertVersion(run(unpacked, ONLY_WITH_CACHE, "--version"));
        Path link = Files.createSymbolicLink(folder.resolve("ferry"), folder.relativize(unpacked));
        assertVersion(run(link, ONLY_WITH_CACHE, "--version"));
        assertVersion(run(Files.createSymbolicLink(folder.resolve("second"), link), ONLY_WITH_CACHE, "--version"));
    }

    /** Else the tests above could not fail. */
    @Test
    void shouldNotStartWithADamagedCacheWhenItMustUseIt() throws Exception {
        Path unpacked = unpack(folder);
        Path cache = unpacked.resolve("../../lib/pageferry.aot").normalize();
        byte[] bytes = Files.readAllBytes(cache);
        bytes[0] ^= 1;
        Files.write(cache, bytes);
        assertNotEquals(0, run(unpacked, ONLY_WITH_CACHE, "--version").code());
        assertVersion(run(unpacked, Map.of(), "--version"));
    }

    /** Every module that is needed is in its Java, among them those that only a migration under way needs. */
    @Test
    void shouldMigrateWithItsOwnJava() throws Exception {
        Result result = run(launcher, ONLY_WITH_CACHE, "demo", "--size", "64M", "--json");
        assertEquals("completed", result.completed().json().get("status").asString());
    }

    @Test
    void shouldGetItsArgumentsAsTheyWereGivenInTheLocaleCToo() throws Exception {
        String name = "gäste 客 $(x) \"*.img";
        GoldenImage.write(folder.resolve(name));
        Result result = run(launcher, Map.of("LC_ALL", "C"), "inspect", "--json", name);
        assertEquals(name, result.completed().json().get("image").asString());
    }

    @Test
    void shouldTurnIntoTheJvmThatSignalsReach() throws Exception {
        List<String> command = List.of(launcher.toString(), "receive", "tcp:127.0.0.1:0", "an.img");
        try (ChildProcess process = ChildProcess.start("pageferry", folder, folder, Map.of(), command)) {
            Eventually.until(
                    "listening: " + process, () -> process.stderr().text().contains("listening on "));
            process.signal("TERM");
            assertEquals(143, process.awaitExit(), process::toString);
        }
    }

    @Test
    void shouldUseItsCacheWhereItsDebianPackageIsUnpacked() throws Exception {
        Path root = unpackDeb();
        assertVersion(run(root.resolve("usr/bin/pageferry"), ONLY_WITH_CACHE, "--version"));
        Result result = run(root.resolve("usr/bin/pageferry"), ONLY_WITH_CACHE, "demo", "--size", "16M", "--json");
        assertEquals("completed", result.completed().json().get("status").asString());
    }

    @Test
    void shouldBringAServiceWhoseProgramAndConfigurationAreInstalled() throws Exception {
        Path root = unpackDeb();
        String unit = Files.readString(root.resolve("usr/lib/systemd/system/pageferry.service"));
        String start = unit.lines()
                .filter(line -> line.startsWith("ExecStart="))
                .findFirst()
                .orElseThrow();
        assertEquals(
                "ExecStart=/usr/lib/pageferry/bin/pageferry serve --config /etc/pageferry/serve.json"
                        + " --store %S/pageferry",
                start);
        assertTrue(Files.isExecutable(root.resolve("usr/lib/pageferry/bin/pageferry")));
        JsonNode config = JsonMapper.shared().readTree(root.resolve("etc/pageferry/serve.json"));
        assertEquals("/var/lib/pageferry", config.get("store").asString());
        assertEquals("tcp:127.0.0.1:4444", config.get("listen").asString());
    }

    @Test
    void shouldBringAManualPageOfEachCommand() throws Exception {
        Path manuals = launcher.resolve("../../share/man/man1").normalize();
        for (String name : List.of("pageferry", "pageferry-receive", "pageferry-serve", "pageferry-send")) {
            String page = Files.readString(manuals.resolve(name + ".1"));
            assertTrue(page.startsWith(".TH " + name.toUpperCase(Locale.ROOT) + " 1\n.SH NAME\n"), page);
        }
        String page = Files.readString(manuals.resolve("pageferry-receive.1"));
        assertTrue(page.contains("\\-\\-multifd\\-channels=N"), page);
    }

    /** As a shell does: asks bash itself what comes next. */
    @Test
    void shouldCompleteCommandsAndOptionsInBash() throws Exception {
        assertEquals(List.of("receive"), completed("pageferry", "rec"));
        assertEquals(
                List.of("--multifd-channels", "--multifd-compression"), completed("pageferry", "send", "--multifd-c"));
    }

    private List<String> completed(String... words) throws Exception {
        Path script = launcher.resolve("../../share/bash-completion/completions/pageferry")
                .normalize();
        String line = "source '" + script + "'; COMP_WORDS=(" + String.join(" ", words) + "); COMP_CWORD="
                + (words.length - 1) + "; $(complete -p pageferry | sed 's/.*-F \\([^ ]*\\).*/\\1/') pageferry '"
                + words[words.length - 1] + "' ''; printf '%s\\n' \"${COMPREPLY[@]}\"";
        try (ChildProcess bash = ChildProcess.start("bash", folder, List.of("bash", "-c", line))) {
            assertEquals(0, bash.awaitExit(), bash::toString);
            return bash.stdout().text().lines().map(String::strip).sorted().toList();
        }
    }

    private Path unpackDeb() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/dpkg-deb")), "skipped: needs dpkg-deb");
        List<Path> packages;
        try (Stream<Path> files = Files.list(TARGET)) {
            packages = files.filter(file -> file.toString().endsWith(".deb")).toList();
        }
        assertEquals(1, packages.size(), packages::toString);
        Path root = Files.createDirectory(folder.resolve("root"));
        List<String> command = List.of("dpkg-deb", "-x", packages.getFirst().toString(), root.toString());
        try (ChildProcess unpacking = ChildProcess.start("dpkg-deb", folder, command)) {
            assertEquals(0, unpacking.awaitExit(), unpacking::toString);
        }
        return root;
    }

    private Path unpack(Path where) throws Exception {
        Files.createDirectories(where);
        List<Path> archives;
        try (Stream<Path> files = Files.list(TARGET)) {
            archives = files.filter(file -> file.toString().endsWith(".tar.gz")).toList();
        }
        assertEquals(1, archives.size(), archives::toString);
        List<String> command = List.of("tar", "-xzf", archives.getFirst().toString(), "-C", where.toString());
        try (ChildProcess tar = ChildProcess.start("tar", folder, command)) {
            assertEquals(0, tar.awaitExit(), tar::toString);
        }
        return launchersBelow(where).getFirst();
    }

    private static List<Path> launchersBelow(Path where) throws IOException {
        try (Stream<Path> files = Files.walk(where)) {
            return files.filter(file -> file.endsWith(Path.of("bin", "pageferry")))
                    .toList();
        }
    }

    private Result run(Path program, Map<String, String> environment, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        try (ChildProcess process = ChildProcess.start("pageferry", folder, folder, environment, command)) {
            int code = process.awaitExit();
            return new Result(code, process.stdout().text(), process.stderr().text());
        }
    }

    private static void assertVersion(Result result) {
        assertEquals("", result.stderr());
        assertTrue(result.completed().stdout().matches("pageferry \\d+\\.\\d+\\.\\d+(-SNAPSHOT)?\n"), result.stdout());
    }
}
