package io.pageferry.send;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.ZeroPageDetection;
import io.pageferry.stream.MachineType;
import java.util.List;
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
        "microvm, false, MULTIFD, false"
    })
    void shouldDoAsTheMachineTypesQemuExpects(
            String machine, boolean flushAfterEachSection, ZeroPageDetection zeroPages, boolean announceSwitchover) {
        assertEquals(
                new WireMode(flushAfterEachSection, zeroPages, announceSwitchover, false),
                WireMode.of(new MachineType(machine), MigrationParameters.defaults()));
    }

    @Test
    void shouldDoAsTheUserSaysWhereTheUserSaysSomething() {
        MigrationParameters parameters = MigrationParameters.builder()
                .flushAfterEachSection(false)
                .zeroPageDetection(ZeroPageDetection.NONE)
                .build();
        assertEquals(
                new WireMode(false, ZeroPageDetection.NONE, false, false),
                WireMode.of(new MachineType("pc-i440fx-7.2"), parameters));
    }

    @Test
    void shouldHavePagesOnTheMainChannelWhenThereIsNoOtherOrNobodyKnowsBetter() {
        MachineType machine = new MachineType("pc-i440fx-10.0");
        MigrationParameters plain = MigrationParameters.builder()
                .disable(MigrationCapability.MULTIFD)
                .build();
        MigrationParameters careful =
                MigrationParameters.builder().pagesOnMainChannel(true).build();
        for (MigrationParameters parameters : List.of(plain, careful)) {
            assertTrue(WireMode.of(machine, parameters).pagesOnMainChannel());
        }
        assertFalse(WireMode.of(machine, MigrationParameters.defaults()).pagesOnMainChannel());
    }
}
