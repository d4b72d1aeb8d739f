package io.pageferry.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(10)
class MigrationParametersTest {
    @Test
    void shouldHaveDefaultsOfQemu() {
        MigrationParameters parameters = MigrationParameters.defaults();
        assertEquals(2, parameters.multifdChannels());
        assertEquals(0, parameters.maxBandwidth());
        assertEquals(Duration.ofMillis(300), parameters.downtimeLimit());
        assertEquals(Duration.ofSeconds(30), parameters.stallTimeout());
    }

    @Test
    void shouldTakeAsManyChannelsAsTheWireHasIdsFor() {
        assertEquals(
                255, MigrationParameters.builder().multifdChannels(255).build().multifdChannels());
    }

    static Stream<Arguments> wrong() {
        return Stream.of(
                Arguments.of(
                        MigrationParameters.builder().multifdChannels(0), "multifd-channels must be 1 to 255: value=0"),
                Arguments.of(
                        MigrationParameters.builder().multifdChannels(256),
                        "multifd-channels must be 1 to 255: value=256"),
                Arguments.of(
                        MigrationParameters.builder().maxBandwidth(-1), "max-bandwidth must not be negative: value=-1"),
                Arguments.of(
                        MigrationParameters.builder().downtimeLimit(Duration.ofMillis(2_000_001)),
                        "downtime-limit must be 0 to 2000000 ms: value=2000001"),
                Arguments.of(
                        MigrationParameters.builder().downtimeLimit(Duration.ofMillis(-1)),
                        "downtime-limit must be 0 to 2000000 ms: value=-1"),
                Arguments.of(MigrationParameters.builder().maxRam(0), "max-ram must be above zero: value=0"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("wrong")
    void shouldRefuseParameterOutOfItsRange(MigrationParameters.Builder builder, String line) {
        assertEquals(line, assertThrows(ConfigException.class, builder::build).getMessage());
    }
}
