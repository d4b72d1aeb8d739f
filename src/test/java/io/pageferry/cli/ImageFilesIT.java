package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.Eventually;
import io.pageferry.testing.FaultyDisk;
import io.pageferry.testing.GoldenImage;
import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files of images as operators find them: who may read them, and what is there when a process was killed or its disk
 * failed.
 */
@Timeout(120)
class ImageFilesIT {
    private static final String LOOPBACK = "tcp:127.0.0.1:0";

    @TempDir
    private Path folder;

    @TempDir
    private Path sources;

    @TempDir
    private Path output;

    private PageferryProcess.Launch launch;
    private Path golden;

    @BeforeEach
    void putAnImageThere() throws IOException {
        launch = PageferryProcess.in(output).directory(folder);
        golden = GoldenImage.write(sources.resolve("golden.img"));
    }

    @Test
    void shouldRemoveWhatAKilledReceiveLeftWhenTheNextOneOfThatNameBegins() throws Exception {
        try (PageferryProcess killed = launch.start("receive", LOOPBACK, "an.img");
                PageferryProcess _ = sendSlowly(killed.awaitListening());
                PageferryProcess living = launch.start("receive", LOOPBACK, "an.img")) {
            awaitPages(1);
            String uri = living.awaitListening();
            try (PageferryProcess _ = sendSlowly(uri)) {
                awaitPages(2);
                killed.signal("KILL");
                killed.process().awaitExit();
                launch.run("receive", "file:" + golden, "another.img").completed();
                assertEquals(2, parts().size());

                launch.run("receive", "file:" + golden, "an.img").completed();
                assertEquals(1, parts().size());
                living.signal("TERM");
                living.awaitEnd();
            }
        }
        Map<String, String> modes = modes(folder);
        assertEquals(Set.of("an.img", "an.img.json", "another.img", "another.img.json"), modes.keySet());
        assertEquals(Set.of("rw-------"), Set.copyOf(modes.values()));
    }

    /** The last sync is the one after which the image has its name. */
    @ParameterizedTest
    @CsvSource({"false, 1", "false, 2", "true, 1", "true, 2", "true, 3"})
    void shouldTellTheSourceThatItFailedAndHaveOldImageWhenTheFoldersSyncFails(boolean replacing, int sync)
            throws Exception {
        Path target = folder.resolve("an.img");
        if (replacing) {
            Files.writeString(target, "old");
        }
        Map<String, String> disk =
                FaultyDisk.build(output).environment(folder, FaultyDisk.Kind.FORCED_FOLDERS, sync, FaultyDisk.EIO);
        try (PageferryProcess receiver = launch.environment(disk).start("receive", LOOPBACK, "an.img")) {
            launch.run("send", golden, receiver.awaitListening()).failed(1);
            assertEquals(
                    "pageferry: receive: image must be put on disk: image="
                            + folder.toRealPath().resolve("an.img")
                            + " reason=\"Input/output error\"",
                    receiver.awaitEnd().failed(1));
        }
        assertEquals(replacing ? Set.of("an.img") : Set.of(), modes(folder).keySet());
        if (replacing) {
            assertEquals("old", Files.readString(target));
        }
    }

    @Test
    void shouldSayThatNobodyKnowsWhenTheFoldersSyncFailsEachTime() throws Exception {
        Map<String, String> disk =
                FaultyDisk.build(output).environment(folder, FaultyDisk.Kind.FORCED_FOLDERS, 2, -FaultyDisk.EIO);
        Result end = launch.environment(disk).run("receive", "file:" + golden, "an.img");
        assertEquals(
                "pageferry: receive: image must be put on disk or be taken back, and may be either: image="
                        + folder.toRealPath().resolve("an.img")
                        + " reason=\"Input/output error\" thenReason=\"Input/output error\"",
                end.failed(1));
        assertEquals(Map.of(), modes(folder));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0000", "0022", "0777"})
    void shouldBeTheOwnersAloneWhateverTheUmask(String umask) throws Exception {
        Path store = folder.resolve("a").resolve("store");
        serveOne(launch.wrapper("sh", "-c", "umask " + umask + " && exec \"$@\"", "sh"), store);
        for (Path made : List.of(store.getParent(), store, store.resolve("unknown"))) {
            assertEquals("rwx------", permissions(made), made.toString());
        }
        requireFiles(store, "rw-------");
    }

    @Test
    void shouldLetAGroupReadWhenTheConfigurationSaysSo() throws Exception {
        Files.writeString(folder.resolve("serve.json"), "{\"image-mode\": \"0640\", \"image-group\": 0}");
        Path store = folder.resolve("store");
        serveOne(launch, store, "--config", "serve.json");
        assertEquals("rwxr-x---", permissions(store));
        assertEquals("rwxr-x---", permissions(store.resolve("unknown")));
        requireFiles(store, "rw-r-----");
        assertEquals(0, Files.getAttribute(store.resolve("unknown"), "unix:gid"));
    }

    private void serveOne(PageferryProcess.Launch how, Path store, Object... more) throws Exception {
        Object[] arguments = Stream.concat(Stream.of("serve", "--listen", LOOPBACK, "--store", store), Stream.of(more))
                .toArray();
        try (PageferryProcess server = how.start(arguments)) {
            launch.run("send", golden, server.awaitListening()).completed();
            server.signal("TERM");
            assertEquals(0, server.awaitEnd().code());
        }
    }

    private static void requireFiles(Path store, String mode) throws IOException {
        Map<String, String> images = modes(store.resolve("unknown"));
        assertTrue(images.keySet().stream().anyMatch(name -> name.endsWith(".img")), images.toString());
        images.forEach((name, its) -> assertEquals(mode, its, name));
        assertEquals("rw-------", permissions(store.resolve(".lock")));
        assertEquals("rwx------", permissions(store.resolve(".pageferry")));
        assertEquals("rw-------", permissions(store.resolve(".pageferry").resolve("order")));
    }

    @Test
    void shouldLeaveAnImageAsNarrowAsItWasWhenItIsReplaced() throws Exception {
        Path target = Files.writeString(folder.resolve("an.img"), "old");
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("r--------"));
        launch.run("receive", "--image-mode", "0640", "file:" + golden, "an.img")
                .completed();
        assertEquals("r--------", permissions(target));
        Path sent = Files.writeString(folder.resolve("sent.img"), "old");
        Files.setPosixFilePermissions(sent, PosixFilePermissions.fromString("rw-------"));
        launch.run("send", golden, "file:sent.img").completed();
        assertEquals("rw-------", permissions(sent));
        assertArrayEquals(Files.readAllBytes(target), Files.readAllBytes(sent));
    }

    @Test
    void shouldRefuseAModeThatLetsEverybodyRead() throws Exception {
        assertEquals(
                "pageferry: receive: --image-mode must be 0600, 0640, 0400 or 0440: image-mode=0644 (see --help)",
                launch.run("receive", "--image-mode", "0644", LOOPBACK, "an.img")
                        .failed(2));
    }

    private PageferryProcess sendSlowly(String uri) throws IOException {
        return launch.start("send", "--max-bandwidth", "10k", golden, uri);
    }

    private void awaitPages(int images) {
        Eventually.until(
                "pages in images",
                () -> parts().stream()
                                .filter(part -> part.toFile().length() > 1 << 20)
                                .count()
                        == images);
    }

    private List<Path> parts() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".part")).toList();
        }
    }

    private static Map<String, String> modes(Path of) throws IOException {
        try (Stream<Path> files = Files.list(of)) {
            Map<String, String> modes = new TreeMap<>();
            for (Path file : files.toList()) {
                modes.put(file.getFileName().toString(), permissions(file));
            }
            return modes;
        }
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }
}
