package io.pageferry.send;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.ZeroPageDetection;
import io.pageferry.stream.MachineType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class WireModeTest {
    @ParameterizedTest
    @CsvSource({
        "pc-i440fx-7.2, true, LEGACY, false",
        "pc-q35-8.0, true, LEGACY, false",
        "pc-q35-8.1, false, LEGACY, false",
        "pc-q35-8.2, false, LEGACY, false",
        "pc-q35-9.0, false, MULTIFD, false",
        "pc-i440fx-9.2, false, MULTIFD, false",
        "pc-q35-10.0, false, MULTIFD, true",
        "pc-q35-11.1, false, MULTIFD, true",
        "microvm, false, MULTIFD, true"
    })
    void shouldDoAsTheMachineTypesQemuExpects(
            String machine, boolean flushAfterEachSection, ZeroPageDetection zeroPages, boolean announceSwitchover) {
        assertEquals(
                new WireMode(flushAfterEachSection, zeroPages, announceSwitchover),
                WireMode.of(new MachineType(machine), MigrationParameters.defaults()));
    }

    @Test
    void shouldDoAsTheUserSaysWhereTheUserSaysSomething() {
        MigrationParameters parameters = MigrationParameters.builder()
                .flushAfterEachSection(false)
                .zeroPageDetection(ZeroPageDetection.NONE)
                .build();
        assertEquals(
                new WireMode(false, ZeroPageDetection.NONE, false),
                WireMode.of(new MachineType("pc-i440fx-7.2"), parameters));
    }
}
