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
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What users install: runs wherever it lies, with its own Java and the cache that was made for it. */
@Timeout(900)
class PackageIT {
    private static final Path TARGET = Path.of("target").toAbsolutePath();

    /** The JVM does not start where it cannot use the cache. */
    private static final Map<String, String> ONLY_WITH_CACHE = Map.of("PAGEFERRY_JAVA_OPTIONS", "-XX:AOTMode=on");

    /** It compresses some 100 MiB three times. */
    private static final int MOST_MINUTES = 10;

    /** The JVM finds its libraries by /proc, which containers have. It is mounted for this process alone. */
    private static final String IN_ROOT =
            "mkdir -p \"$0/proc\" && mount -t proc proc \"$0/proc\" && exec chroot \"$0\" \"$@\"";

    private static Path launcher;

    @TempDir
    private Path folder;

    @BeforeAll
    static void makePackage(@TempDir Path output) throws Exception {
        Path said = output.resolve("said");
        Process making = new ProcessBuilder("scripts/package", "--no-build")
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            assertTrue(making.waitFor(MOST_MINUTES, TimeUnit.MINUTES), () -> "package must be made");
            assertEquals(0, making.exitValue(), Files.readString(said));
        } finally {
            making.descendants().forEach(ProcessHandle::destroyForcibly);
            making.destroyForcibly();
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

    /** As an engine does it: the layer is unpacked, and the image's own command line runs in it. */
    @Test
    void shouldUseItsCacheInTheRootOfItsOciImage() throws Exception {
        Optional<Path> image = archive(".tar");
        assumeTrue(image.isPresent() && canChangeRoot(), "skipped: needs an OCI image, and to be allowed chroot");
        Path layout = unpack(image.get(), folder.resolve("layout"));
        JsonNode index = JsonMapper.shared().readTree(layout.resolve("index.json"));
        JsonNode manifest = JsonMapper.shared().readTree(blob(layout, index.at("/manifests/0/digest")));
        JsonNode config = JsonMapper.shared().readTree(blob(layout, manifest.at("/config/digest")));
        Path layer = blob(layout, manifest.at("/layers/0/digest"));
        Path root = unpack(layer, folder.resolve("root"));
        List<String> command = new ArrayList<>(List.of("unshare", "-m", "sh", "-c", IN_ROOT, root.toString()));
        int java = command.size();
        config.at("/config/Entrypoint").forEach(word -> command.add(word.asString()));
        command.add(java + 1, "-XX:AOTMode=on");
        command.add("--version");
        try (ChildProcess process = ChildProcess.start("pageferry", folder, command)) {
            assertEquals(0, process.awaitExit(), process::toString);
            assertTrue(process.stdout().text().startsWith("pageferry "), process::toString);
        }
    }

    private static Path blob(Path layout, JsonNode digest) {
        return layout.resolve("blobs").resolve(digest.asString().replace(':', '/'));
    }

    private boolean canChangeRoot() throws Exception {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        List<String> command = List.of("unshare", "-m", "mount", "-t", "proc", "proc", empty.toString());
        try (ChildProcess chroot = ChildProcess.start("chroot", folder, command)) {
            return chroot.awaitExit() == 0;
        }
    }

    private Path unpackDeb() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/dpkg-deb")), "skipped: needs dpkg-deb");
        Path root = Files.createDirectory(folder.resolve("root"));
        List<String> command =
                List.of("dpkg-deb", "-x", archive(".deb").orElseThrow().toString(), root.toString());
        try (ChildProcess unpacking = ChildProcess.start("dpkg-deb", folder, command)) {
            assertEquals(0, unpacking.awaitExit(), unpacking::toString);
        }
        return root;
    }

    private Path unpack(Path where) throws Exception {
        return launchersBelow(unpack(archive(".tar.gz").orElseThrow(), where)).getFirst();
    }

    private Path unpack(Path archive, Path where) throws Exception {
        Files.createDirectories(where);
        List<String> command = List.of("tar", "-xf", archive.toString(), "-C", where.toString());
        try (ChildProcess tar = ChildProcess.start("tar", folder, command)) {
            assertEquals(0, tar.awaitExit(), tar::toString);
        }
        return where;
    }

    /** The one that there is with this ending. */
    private static Optional<Path> archive(String ending) throws IOException {
        try (Stream<Path> files = Files.list(TARGET)) {
            List<Path> found =
                    files.filter(file -> file.toString().endsWith(ending)).toList();
            assertTrue(found.size() < 2, found::toString);
            return found.stream().findFirst();
        }
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
