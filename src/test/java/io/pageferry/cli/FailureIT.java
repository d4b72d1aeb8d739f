package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pageferry.testing.GoldenImage;
import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.Result;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot be done is said in one line, and as JSON; nothing is left behind. */
@Timeout(120)
class FailureIT {
    private static final String LOOPBACK = "tcp:127.0.0.1:0";

    @TempDir
    private Path folder;

    @TempDir
    private Path output;

    @ParameterizedTest
    @ValueSource(strings = {"/proc/an.img", "no-such-folder/an.img", "a-folder"})
    void shouldRefuseToReceiveWhenTheImageCannotBeWritten(String image) throws Exception {
        Files.createDirectory(folder.resolve("a-folder"));
        String line = shouldFail("receive", LOOPBACK, image);
        assertTrue(line.startsWith("pageferry: receive: image must be "), line);
        assertTrue(line.contains("image=" + image), line);
        assertEquals(Set.of("a-folder"), files());
    }

    @Test
    void shouldRefuseToReceiveWhenItsPortIsInUse() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String uri = "tcp:127.0.0.1:" + other.getLocalPort();
            String line = shouldFail("receive", uri, "an.img");
            assertEquals(
                    "pageferry: receive: address must be free to listen at: uri=" + uri
                            + " reason=\"Address already in use\"",
                    line);
        }
        assertEquals(Set.of(), files());
    }

    @ParameterizedTest
    @ValueSource(strings = {"inspect", "verify", "send"})
    void shouldSayWhatAFileIsWhenItIsNoImage(String command) throws Exception {
        Files.write(folder.resolve("disk"), HexFormat.of().parseHex("514649fb00000003"));
        List<String> line =
                command.equals("send") ? List.of(command, "disk", "tcp:127.0.0.1:1") : List.of(command, "disk");
        assertEquals(
                "pageferry: " + command
                        + ": file must be a mapped-ram image: image=disk position=0 found=\"a disk in format qcow2\"",
                shouldFail(line.toArray(String[]::new)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"unix:no-such-folder/socket", "tcp:no-such-host.invalid:0", "unix:a-file"})
    void shouldRefuseToReceiveWhenItCannotListenThere(String uri) throws Exception {
        Files.writeString(folder.resolve("a-file"), "somebody's");
        String line = shouldFail("receive", uri, "an.img");
        assertTrue(line.startsWith("pageferry: receive: address must be free to listen at: uri=" + uri), line);
        assertEquals(Set.of("a-file"), files());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"send missing.img tcp:127.0.0.1:1", "receive file:missing.img an.img", "inspect missing.img"})
    void shouldRefuseAnImageThatIsNotThere(String commandLine) throws Exception {
        String line = shouldFail(commandLine.split(" "));
        assertTrue(
                line.endsWith(": image must be readable: image=missing.img reason=\"No such file or directory\""),
                line);
        assertEquals(Set.of(), files());
    }

    @Test
    void shouldRefuseAnImageThatIsNone() throws Exception {
        Files.writeString(folder.resolve("an.img"), "not a migration at all");
        String line = shouldFail("inspect", "an.img");
        assertTrue(line.startsWith("pageferry: inspect: "), line);
    }

    @Test
    void shouldRefuseAnImageThatEndsEarly() throws Exception {
        byte[] image = GoldenImage.bytes();
        Files.write(folder.resolve("an.img"), Arrays.copyOf(image, image.length - 1000));
        String line = shouldFail("send", "an.img", "tcp:127.0.0.1:1");
        assertTrue(line.startsWith("pageferry: send: "), line);
    }

    @Test
    void shouldRefuseAGuestThatIsLargerThanMaxRam() throws Exception {
        GoldenImage.write(folder.resolve("an.img"));
        assertEquals(
                "pageferry: inspect: guest must not be larger than max-ram: total=8921088 max-ram=4194304",
                shouldFail("inspect", "--max-ram", "4M", "an.img"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp:127.0.0.1:1", "unix:no-such-socket"})
    void shouldFailToSendWhenNobodyListens(String uri) throws Exception {
        GoldenImage.write(folder.resolve("an.img"));
        String line = shouldFail("send", "an.img", uri);
        assertTrue(
                line.startsWith("pageferry: send: destination must accept connections: main channel uri=" + uri), line);
    }

    @Test
    void shouldFailWhenThereIsNotEnoughMemory() throws Exception {
        String line = shouldFail("demo", "--size", "1P");
        assertTrue(line.startsWith("pageferry: demo: memory must suffice: "), line);
    }

    @Test
    void shouldKeepTheOldImageAndTellTheSourceWhenTheDiskIsFull() throws Exception {
        assumeTrue(canUnshare(), "skipped: this machine does not let us mount a file system of our own (unshare -rm)");
        GoldenImage.write(folder.resolve("an.img"));
        Path disk = Files.createDirectory(folder.resolve("disk"));
        // The disk has room for half of the image's pages, and for the list of its files to be seen afterwards.
        String script = "mount -t tmpfs -o size=256k tmpfs disk && echo old > disk/an.img && \"$@\"; code=$?;"
                + " ls -A disk > files; cat disk/an.img > kept; exit $code";
        PageferryProcess.Launch small =
                PageferryProcess.in(output).directory(folder).wrapper("unshare", "-rm", "sh", "-c", script, "sh");
        try (PageferryProcess receiver = small.start("receive", "--json", LOOPBACK, disk.resolve("an.img"))) {
            Result sent =
                    PageferryProcess.in(output).directory(folder).run("send", "an.img", receiver.awaitListening());
            String line = sent.failed(1);
            assertTrue(line.startsWith("pageferry: send: "), line);

            String reason =
                    receiver.awaitEnd().failedWithJson(1).get("error-desc").asString();
            assertEquals(
                    "image must be written whole: image=" + disk.resolve("an.img")
                            + " reason=\"No space left on device\"",
                    reason);
        }
        assertEquals("an.img\n", Files.readString(folder.resolve("files")));
        assertEquals("old\n", Files.readString(folder.resolve("kept")));
    }

    @Test
    void shouldLeaveTheImageAloneWhenItIsSentOntoItselfAndFails() throws Exception {
        byte[] image = GoldenImage.bytes();
        Files.write(folder.resolve("an.img"), image);
        shouldFail("send", "--max-ram", "1M", "an.img", "file:an.img");
        assertArrayEquals(image, Files.readAllBytes(folder.resolve("an.img")));
        assertEquals(Set.of("an.img"), files());
    }

    /** Runs a command that fails, for a script. Returns the line, which says the same. */
    private String shouldFail(String... arguments) throws Exception {
        Object[] withJson =
                Stream.concat(Arrays.stream(arguments), Stream.of("--json")).toArray();
        Result result = PageferryProcess.in(output).directory(folder).run(withJson);
        result.failedWithJson(1);
        return result.complaint();
    }

    @Test
    void shouldSayTheSameWhenNoScriptListens() throws Exception {
        Result result = PageferryProcess.in(output).directory(folder).run("inspect", "missing.img");
        assertEquals(shouldFail("inspect", "missing.img"), result.failed(1));
    }

    private Set<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    private static boolean canUnshare() throws Exception {
        return new ProcessBuilder(List.of("unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"))
                        .start()
                        .waitFor()
                == 0;
    }
}
