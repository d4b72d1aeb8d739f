package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.ConfigException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What options in a file are on the command line. */
@Timeout(30)
class ServeConfigTest {
    private static final Path NOT_THERE = Path.of("/nowhere/serve.json");

    @TempDir
    Path folder;

    private List<String> expand(String text) throws Exception {
        Path file = Files.writeString(folder.resolve("serve.json"), text);
        List<String> all = List.of(ServeConfig.expand(new String[] {"serve", "--config=" + file}, NOT_THERE));
        return all.subList(1, all.size() - 1);
    }

    @Test
    void shouldTakeAnOptionOfTwoValuesAsPairs() throws Exception {
        assertEquals(List.of("--adopt", "none", "CN=x", "--adopt", "CN=a", "CN=b", "--keep=3"), expand("""
                        {"adopt": ["none", "CN=x", "CN=a", "CN=b"], "keep": 3}
                        """));
    }

    @Test
    void shouldReadTheInstalledFileWhenTheLineNamesNoneAndNoStore() throws Exception {
        Path installed = Files.writeString(folder.resolve("installed.json"), "{\"store\": \"images\"}");
        assertEquals(
                List.of("serve", "--store=images", "--keep", "3"),
                List.of(ServeConfig.expand(new String[] {"serve", "--keep", "3"}, installed)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"serve --store other", "serve --store=other"})
    void shouldNotReadTheInstalledFileWhenTheLineNamesAStore(String line) throws Exception {
        Path installed = Files.writeString(folder.resolve("installed.json"), "{\"keep\": 3}");
        assertArrayEquals(line.split(" "), ServeConfig.expand(line.split(" "), installed));
    }

    @Test
    void shouldLeaveTheLineAsItIsWhenThereIsNoInstalledFile() {
        assertArrayEquals(new String[] {"serve"}, ServeConfig.expand(new String[] {"serve"}, NOT_THERE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[\"none\"]", "[\"none\", 7]"})
    void shouldRefuseWhatAreNoPairs(String value) {
        ConfigException refusal = assertThrows(ConfigException.class, () -> expand("{\"adopt\": " + value + "}"));
        assertTrue(refusal.getMessage().startsWith("config's adopt must be a list of texts, FROM and TO in turn: "));
    }
}
