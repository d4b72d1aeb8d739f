package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.GoldenImage;
import io.pageferry.testing.PageferryProcess;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** What an image of QEMU 10.0 has, word for word. */
@Timeout(120)
class InspectIT {
    @TempDir
    private Path folder;

    @Test
    void shouldTellPeopleWhatAnImageHas() throws Exception {
        GoldenImage.write(folder.resolve("golden.img"));
        assertEquals(
                expected("inspect.txt"),
                PageferryProcess.in(folder)
                        .run("inspect", "golden.img")
                        .completed()
                        .stdout());
    }

    @Test
    void shouldTellScriptsWhatAnImageHas() throws Exception {
        GoldenImage.write(folder.resolve("golden.img"));
        assertEquals(
                JsonMapper.shared().readTree(expected("inspect.json")),
                PageferryProcess.in(folder)
                        .run("inspect", "golden.img", "--json")
                        .completed()
                        .json());
    }

    @Test
    void shouldFindTheImageWhenItDoesNotBeginWhereItsFileDoes() throws Exception {
        GoldenImage.write(folder.resolve("golden.img"));
        PageferryProcess.in(folder)
                .run("send", "golden.img", "file:moved.img,offset=1M")
                .completed();
        assertEquals(
                expected("inspect.json").replaceAll(".*\"ram\"", "\"ram\""),
                PageferryProcess.in(folder)
                        .run("inspect", "file:moved.img,offset=1M", "--json")
                        .completed()
                        .stdout()
                        .replaceAll(".*\"ram\"", "\"ram\""));
    }

    @Test
    void shouldNotLetAnImageWriteToTheTerminal() throws Exception {
        String image = new String(GoldenImage.bytes(), StandardCharsets.ISO_8859_1);
        // A JSON string can have any character without having it as a byte.
        String odd = image.replace("\"acpi_build\"", "\"a\\u001b[2J\"");
        Files.writeString(folder.resolve("odd.img"), odd, StandardCharsets.ISO_8859_1);
        String shown = PageferryProcess.in(folder)
                .run("inspect", "odd.img")
                .completed()
                .stdout();
        assertTrue(shown.contains("\n  a\\x1b[2J\n"), shown);
    }

    private static String expected(String name) throws IOException {
        try (InputStream file = InspectIT.class.getResourceAsStream("/cli/" + name)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
