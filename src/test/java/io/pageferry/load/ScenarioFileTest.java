package io.pageferry.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.ConfigException;
import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MultifdCompression;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class ScenarioFileTest {
    @Test
    void shouldHaveDefaultsWhenNothingIsSaid() {
        Scenario scenario = single("# turns = 3", "", "   ", "\t# nothing");
        assertEquals("test", scenario.name());
        for (Setting setting : Setting.values()) {
            assertEquals(setting.standard(), scenario.text(setting));
        }
    }

    @Test
    void shouldReadSettings() {
        Scenario scenario = single(
                "size = 64M",
                "dirty-rate=1.5M",
                " zero-share = 0.25 ",
                "downtime-limit = 50ms",
                "multifd-channels = 3");
        assertEquals(64 << 20, scenario.guest(0).sizeBytes());
        assertEquals(3 << 19, scenario.guest(0).dirtyRate());
        assertEquals(0.25, scenario.guest(0).zeroShare());
        MigrationParameters parameters = scenario.parameters(Optional.empty());
        assertEquals(3, parameters.multifdChannels());
        assertEquals(Duration.ofMillis(50), parameters.downtimeLimit());
    }

    @Test
    void shouldMakeParametersOfTheCodecThatIsAskedFor() {
        MigrationParameters zstd =
                single("multifd-compression = zstd", "compression-level = 7").parameters(Optional.empty());
        assertEquals(MultifdCompression.ZSTD, zstd.compression());
        assertEquals(7, zstd.zstdLevel());
        MigrationParameters plain = single("zero-copy-send = on").parameters(Optional.empty());
        assertTrue(plain.has(MigrationCapability.ZERO_COPY_SEND));
    }

    @Test
    void shouldGiveEachGuestRandomBytesOfItsOwn() {
        Scenario scenario = single("seed = 5");
        assertEquals(5, scenario.guest(0).seed());
        assertEquals(8, scenario.guest(3).seed());
    }

    @Test
    void shouldMakeAllCombinationsWhenSettingsHaveSeveralValues() {
        List<Scenario> matrix = parse("tls = off, x509", "multifd-channels = 2,4", "size = 1M");
        assertEquals(
                List.of(
                        "test+multifd-channels=2+tls=off",
                        "test+multifd-channels=2+tls=x509",
                        "test+multifd-channels=4+tls=off",
                        "test+multifd-channels=4+tls=x509"),
                matrix.stream().map(Scenario::name).toList());
        assertEquals("x509", matrix.get(1).text(Setting.TLS));
        assertEquals("1M", matrix.get(3).text(Setting.SIZE));
    }

    @Test
    void shouldCountWhatIsSaidOnTheCommandLineInPlaceOfTheFile() {
        List<Scenario> scenarios = ScenarioFile.parse("test", List.of("turns = 7", "size = 1M"), List.of("turns=2"));
        assertEquals("2", scenarios.getFirst().text(Setting.TURNS));
        assertEquals("1M", scenarios.getFirst().text(Setting.SIZE));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "channels = 2      | setting must be one of target, ",
                "turns             | line must be setting = value: line=turns",
                "turns = many      | turns must be a number: value=many",
                "turns = 0         | turns: must be 1 to 10000: value=0",
                "size = 5          | size: must be whole pages of 4 KiB: value=5",
                "zero-share = 1.1  | zero-share: must be 0 to 1: value=1.1",
                "arrival-rate = -1 | arrival-rate: must be 0 to 1000000 a second: value=-1",
                "link-latency = 5  | link-latency: duration must be",
                "target = qemo     | target: must be one of pageferry, qemu, sink: value=qemo",
                "turns = 2, 2      | values must differ: setting=turns",
                "turns = 2,        | turns must be a number: value="
            })
    void shouldRefuseLineWhenItIsWrong(String line, String reason) {
        assertRefused(reason, line);
    }

    @Test
    void shouldRefuseSettingWhenItIsSaidTwice() {
        assertRefused("setting must be said once: setting=turns", "turns = 1", "turns = 2");
    }

    @Test
    void shouldRefuseImageWhenTheTargetKeepsNone() {
        assertRefused(
                "destination must be memory where the target is no pageferry", "target = sink", "destination = image");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tls = psk", "multifd-compression = zstd"})
    void shouldRefuseZeroCopyWhenPagesAreEncoded(String how) {
        assertRefused("zero-copy-send must be without compression and TLS", "zero-copy-send = on", how);
    }

    @Test
    void shouldRefuseMatrixWhenItIsTooLarge() {
        assertRefused(
                "matrix must have at most 64 scenarios",
                "turns = 1,2,3,4,5,6,7,8,9",
                "multifd-channels = 1,2,3,4,5,6,7,8");
    }

    @Test
    void shouldNameTheFileWhenItIsWrong(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("bad.scenario"), "turns = 0\n");
        ConfigException refused = assertThrows(ConfigException.class, () -> ScenarioFile.read(file, List.of()));
        assertTrue(refused.getMessage().endsWith(" scenario=" + file), refused.getMessage());
        Path missing = folder.resolve("none.scenario");
        assertEquals(
                "scenario must be there: file=" + missing,
                assertThrows(ConfigException.class, () -> ScenarioFile.read(missing, List.of()))
                        .getMessage());
    }

    static Stream<Path> scenariosOfTheRepository() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("perf", "scenarios"))) {
            return files.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("scenariosOfTheRepository")
    void shouldUnderstandWhatIsInTheRepository(Path file) throws IOException {
        assertTrue(Files.readString(file).startsWith("# "), "a scenario must say what it is for");
        assertFalse(ScenarioFile.read(file, List.of()).isEmpty());
    }

    private static List<Scenario> parse(String... lines) {
        return ScenarioFile.parse("test", List.of(lines), List.of());
    }

    @Test
    void shouldRefuseFileWhenItCannotBeRead(@TempDir Path folder) {
        assertTrue(refusal(folder).startsWith("scenario must be readable: reason="), refusal(folder));
    }

    @Test
    void shouldReadNoMoreOfAFileThanAScenarioMayHave() {
        assertEquals("scenario must have at most 65536 bytes scenario=/dev/zero", refusal(Path.of("/dev/zero")));
    }

    private static String refusal(Path file) {
        return assertThrows(ConfigException.class, () -> ScenarioFile.read(file, List.of()))
                .getMessage();
    }

    @Test
    void shouldRefuseGuestsThatNoAddressSpaceHasRoomFor() {
        ConfigException refused =
                assertThrows(ConfigException.class, () -> single("size = 4611686018427383808", "guests = 3"));
        assertEquals("guests must fit an address space: size=4611686018427383808 guests=3", refused.getMessage());
    }

    /** What is too long for a file's name must not be found out when the report is written. */
    @Test
    void shouldRefuseNameWhenNoFileCouldHaveIt() {
        String name = "a".repeat(200);
        assertEquals(name, new Scenario(name, Map.of()).name());
        assertThrows(ConfigException.class, () -> new Scenario(name + "a", Map.of()));
    }

    @Test
    void shouldSayHowMuchArrivesByWhereItGoes() {
        assertEquals(6 << 20, single("size = 2M", "guests = 3").arrivingBytes());
        assertEquals(2 << 20, single("size = 2M", "destination = image").arrivingBytes());
        assertEquals(0, single("size = 2M", "destination = image-direct").arrivingBytes());
        assertEquals(0, single("size = 2M", "destination = memory-warm").arrivingBytes());
        assertEquals(0, single("size = 2M", "target = sink").arrivingBytes());
    }

    private static Scenario single(String... lines) {
        List<Scenario> scenarios = parse(lines);
        assertEquals(1, scenarios.size());
        return scenarios.getFirst();
    }

    private static void assertRefused(String reason, String... lines) {
        String message = assertThrows(ConfigException.class, () -> parse(lines)).getMessage();
        assertTrue(message.startsWith(reason), message);
    }
}
