package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.GoldenImage;
import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.Result;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code convert} as scripts use it: files and pipes. That QEMU takes what it writes is seen with real ones. */
@Timeout(120)
class ConvertIT {
    @TempDir
    private Path folder;

    private PageferryProcess.Launch launch;
    private Path image;

    @BeforeEach
    void putAnImageThere() throws IOException {
        launch = PageferryProcess.in(folder);
        image = GoldenImage.write(folder.resolve("golden.img"));
    }

    @Test
    void shouldPutNothingButTheStreamOnStdout() throws Exception {
        Path file = folder.resolve("a.stream");
        Path piped = folder.resolve("piped.stream");
        JsonNode toFile = launch.run("convert", image, "stream:" + file, "--json")
                .completed()
                .json();
        Result toPipe = shell("\"$@\" | cat > " + piped).run("convert", image, "stream:-", "--json");
        assertEquals(0, toPipe.code(), toPipe.toString());
        assertEquals("", toPipe.stdout());
        assertEquals(-1, Files.mismatch(file, piped));
        JsonNode said = JsonMapper.shared().readTree(toPipe.stderr());
        assertEquals("stream:-", said.path("out").asString());
        for (JsonNode one : List.of(toFile, said)) {
            assertEquals("completed", one.path("status").asString());
            assertEquals(Files.size(file), one.path("ram").path("transferred").asLong());
        }
    }

    @Test
    void shouldBeTheSameGuestWhenConvertedBack() throws Exception {
        Path stream = folder.resolve("a.stream");
        Path another = folder.resolve("another.stream");
        Path back = folder.resolve("back.img");
        launch.run("convert", image, "stream:" + stream).completed();
        shell("\"$@\" < " + stream)
                .run("convert", "stream:-", "file:" + back + ",offset=4096")
                .completed();
        launch.run("convert", "file:" + back + ",offset=4096", "stream:" + another)
                .completed();
        assertEquals(-1, Files.mismatch(stream, another));
    }

    @Test
    void shouldSayWhereAStreamBreaksOff() throws Exception {
        Path stream = folder.resolve("a.stream");
        launch.run("convert", image, "stream:" + stream).completed();
        try (FileChannel spoilt = FileChannel.open(stream, StandardOpenOption.WRITE)) {
            spoilt.truncate(100_000);
        }
        String line = launch.run("convert", "stream:" + stream, "back.img").failed(1);
        assertTrue(
                line.matches("pageferry: convert: stream must not end in the middle: awaited=\"page\" position=100000"
                        + " missing=\\d+ stream=" + stream),
                line);
        assertFalse(Files.exists(folder.resolve("back.img")));
    }

    @Test
    void shouldSayWhatItIsThatIsNoStream() throws Exception {
        assertEquals(
                "pageferry: convert: file must be a plain migration stream: stream=golden.img"
                        + " found=\"a mapped-ram image, machine type pc-q35-10.0\"",
                launch.run("convert", "stream:golden.img", "back.img").failed(1));
    }

    @Test
    void shouldSayThatThePipeWasClosed() throws Exception {
        assertEquals(
                "pageferry: convert: stream must be taken to its end: stream=- reason=\"Broken pipe\"",
                shell("set -o pipefail; \"$@\" | true")
                        .run("convert", image, "stream:-")
                        .failed(1));
    }

    @Test
    void shouldLeaveTheOldStreamWhenTheNewOneFails() throws Exception {
        Path file = Files.writeString(folder.resolve("a.stream"), "old");
        try (FileChannel spoilt = FileChannel.open(image, StandardOpenOption.WRITE)) {
            spoilt.truncate(spoilt.size() / 2);
        }
        launch.run("convert", image, "stream:" + file).failed(1);
        assertEquals("old", Files.readString(file));
        try (Stream<Path> files = Files.list(folder)) {
            assertTrue(files.noneMatch(one -> one.getFileName().toString().startsWith(".")));
        }
    }

    @Test
    void shouldBeTheOwnersAlone() throws Exception {
        Path file = folder.resolve("a.stream");
        launch.run("convert", image, "stream:" + file).completed();
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    /** Has a shell run the command, as {@code "$@"}. */
    private PageferryProcess.Launch shell(String script) {
        return launch.wrapper("bash", "-c", script, "bash");
    }
}
