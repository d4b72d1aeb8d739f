package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Options that take QEMU's on and off. */
@Timeout(30)
class OnOffTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "--multifd-flush-after-each-section, on, 1",
        "--multifd-flush-after-each-section, off, 1",
        "--multifd-flush-after-each-section, true, 2"
    })
    void shouldGetAsFarAsTheMissingImageWhenValueIsOnOrOff(String option, String value, int exitCode) {
        String image = folder.resolve("missing").toString();
        assertEquals(exitCode, Main.run("send", image, "tcp:127.0.0.1:1", option, value));
    }
}
