package io.pageferry.send;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.ZeroPageDetection;
import io.pageferry.stream.Dialect;
import io.pageferry.stream.MachineType;
import io.pageferry.stream.WireProperty;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How a destination is spoken to: option before what was learnt, that before the machine type's name. */
@Timeout(30)
class WireModeTest {
    private static final Dialect PER_SECTION =
            Dialect.UNKNOWN.with(WireProperty.MULTIFD_FLUSH_AFTER_EACH_SECTION, true);
    private static final Dialect PER_ROUND = Dialect.UNKNOWN.with(WireProperty.MULTIFD_FLUSH_AFTER_EACH_SECTION, false);

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
        "pc-q35-rhel9.2.0, true, LEGACY, false",
        "pc-q35-rhel9.4.0, false, LEGACY, false",
        "pc-q35-rhel9.8.0, false, MULTIFD, true",
        "microvm, false, MULTIFD, false"
    })
    void shouldDoAsTheMachineTypesQemuExpects(
            String machine, boolean flushAfterEachSection, ZeroPageDetection zeroPages, boolean announceSwitchover) {
        assertEquals(
                new WireMode(flushAfterEachSection, zeroPages, announceSwitchover, false),
                WireMode.of(new MachineType(machine).dialect(), MigrationParameters.defaults()));
    }

    @Test
    void shouldSuitEveryDestinationWhenTheMachineTypeIsNotKnown() {
        assertEquals(
                new WireMode(false, ZeroPageDetection.LEGACY, false, true),
                WireMode.of(new MachineType("pc-q35-rhel10.2.0").dialect(), MigrationParameters.defaults()));
    }

    @Test
    void shouldDoAsTheSourceDidWhenTheMachineTypeIsNotKnown() {
        assertEquals(
                new WireMode(false, ZeroPageDetection.LEGACY, false, false),
                WireMode.of(PER_ROUND, MigrationParameters.defaults()));
        assertEquals(
                new WireMode(false, ZeroPageDetection.LEGACY, true, false),
                WireMode.of(PER_ROUND.with(WireProperty.SEND_SWITCHOVER_START, true), MigrationParameters.defaults()));
    }

    @Test
    void shouldDoAsTheSourceDidWhenTheMachineTypeSaysOtherwise() {
        Dialect known = PER_SECTION.orElse(new MachineType("microvm").dialect());
        assertEquals(
                new WireMode(true, ZeroPageDetection.LEGACY, false, false),
                WireMode.of(known, MigrationParameters.defaults()));
    }

    @Test
    void shouldDoAsTheUserSaysWhenTheUserSaysSomething() {
        MigrationParameters parameters = MigrationParameters.builder()
                .flushAfterEachSection(false)
                .zeroPageDetection(ZeroPageDetection.NONE)
                .build();
        WireMode mode = new WireMode(false, ZeroPageDetection.NONE, false, false);
        assertEquals(mode, WireMode.of(new MachineType("pc-i440fx-7.2").dialect(), parameters));
        assertEquals(mode, WireMode.of(PER_SECTION, parameters));
        assertEquals(mode, WireMode.of(Dialect.UNKNOWN, parameters));
    }

    @Test
    void shouldSendPagesOnMainChannelWhenTheUserSaysSo() {
        MigrationParameters parameters =
                MigrationParameters.builder().pagesOnMainChannel(true).build();
        assertEquals(
                new WireMode(false, ZeroPageDetection.MULTIFD, true, true),
                WireMode.of(new MachineType("pc-q35-11.1").dialect(), parameters));
    }

    @Test
    void shouldHavePagesOnTheMainChannelWhenThereIsNoOtherOrNobodyKnowsBetter() {
        Dialect known = new MachineType("pc-i440fx-10.0").dialect();
        MigrationParameters plain = MigrationParameters.builder()
                .disable(MigrationCapability.MULTIFD)
                .build();
        MigrationParameters careful =
                MigrationParameters.builder().pagesOnMainChannel(true).build();
        for (MigrationParameters parameters : List.of(plain, careful)) {
            assertTrue(WireMode.of(known, parameters).pagesOnMainChannel());
        }
        assertFalse(WireMode.of(known, MigrationParameters.defaults()).pagesOnMainChannel());
    }
}
