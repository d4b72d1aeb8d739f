package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Options that say on or off, as QEMU's properties do. */
@Timeout(30)
class OnOffOptionTest {
    @TempDir
    Path folder;

    /** What is understood goes on to the image, which is not there. */
    @ParameterizedTest
    @CsvSource({"on, 1", "off, 1", "auto, 1", "maybe, 2", "true, 2"})
    void shouldUnderstandOnOffAndAutoAndNothingElse(String value, int exitCode) {
        String image = folder.resolve("none").toString();
        assertEquals(exitCode, Main.run("send", image, "tcp:127.0.0.1:1", "--multifd-flush-after-each-section", value));
    }
}
