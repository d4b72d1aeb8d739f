package io.pageferry.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a machine type pins: as {@code hw/core/machine.c} of QEMU 10.0 and 11.1 has it. */
@Timeout(10)
class MachineTypeTest {
    @ParameterizedTest
    @CsvSource({
        "pc-1.3,              true,  true,  false, false, true,  false",
        "pc-i440fx-2.12,      true,  true,  false, false, true,  false",
        "pc-q35-4.0.1,        true,  true,  false, false, true,  false",
        "pc-i440fx-7.2,       true,  true,  false, false, true,  false",
        "pc-q35-8.0,          true,  true,  false, false, true,  true",
        "pc-q35-8.1,          false, true,  false, false, true,  true",
        "virt-8.2,            false, true,  false, false, true,  true",
        "pseries-8.2-sxxm,    false, true,  false, false, true,  true",
        "pc-q35-9.0,          false, false, false, false, true,  true",
        "s390-ccw-virtio-9.2, false, false, false, false, true,  true",
        "pc-q35-10.0,         false, false, true,  true,  true,  true",
        "virt-11.0,           false, false, true,  true,  true,  true",
        "virt-11.1,           false, false, true,  true,  false, true",
        "pseries-12.0,        false, false, true,  true,  false, true",
        "pc-q35-8.0+pve0,     true,  true,  false, false, true,  true",
        "pc-i440fx-8.1+pve12, false, true,  false, false, true,  true"
    })
    void shouldBehaveAsQemuOfItsVersion(
            String name, boolean flushes, boolean legacy, boolean announces, boolean ends, boolean ack, boolean early) {
        assertEquals(
                Dialect.UNKNOWN
                        .with(WireProperty.MULTIFD_FLUSH_AFTER_EACH_SECTION, flushes)
                        .with(WireProperty.ZERO_PAGE_DETECTION_LEGACY, legacy)
                        .with(WireProperty.SEND_SWITCHOVER_START, announces)
                        .with(WireProperty.MULTIFD_CLEAN_TLS_TERMINATION, ends)
                        .with(WireProperty.SWITCHOVER_ACK_LEGACY, ack)
                        .with(WireProperty.X_EARLY_MIGRATION, early),
                new MachineType(name).dialect());
    }

    @ParameterizedTest
    @CsvSource({
        "pc-i440fx-trusty,                2.0",
        "pc-i440fx-xenial,                2.5",
        "pc-i440fx-yakkety,               2.6",
        "pc-i440fx-zesty,                 2.8",
        "pc-i440fx-artful,                2.10",
        "pc-i440fx-bionic-hpb,            2.11",
        "pc-i440fx-cosmic,                2.12",
        "pc-q35-cosmic-hpb,               2.11",
        "pc-q35-disco,                    3.1",
        "pc-q35-eoan,                     4.0",
        "pc-q35-focal,                    4.2",
        "pc-i440fx-focal-hpb,             4.0",
        "pc-q35-groovy,                   5.0",
        "pc-i440fx-hirsute,               5.2",
        "pc-i440fx-hirsute-hpb,           5.1",
        "pc-q35-hirsute-hpb,              5.2",
        "pc-q35-impish,                   6.0",
        "pc-i440fx-jammy-hpb-maxcpus,     6.2",
        "pc-q35-jammy-maxcpus,            6.2",
        "pc-q35-kinetic,                  7.0",
        "pseries-kinetic,                 6.2",
        "s390-ccw-virtio-kinetic,         6.2",
        "pc-q35-lunar,                    7.2",
        "pc-q35-mantic,                   8.0",
        "pc-q35-noble-v2,                 8.2",
        "pc-q35-oracular,                 9.0",
        "pc-i440fx-plucky,                9.2",
        "pc-q35-plucky-hpb,               9.1",
        "pc-q35-questing,                 10.1",
        "pc-i440fx-questing,              10.0"
    })
    void shouldKnowUbuntusCodenames(String name, String version) {
        requireLike(version, name);
    }

    @ParameterizedTest
    @CsvSource({
        "pc-i440fx-rhel7.6.0,          2.12",
        "pc-q35-rhel8.0.0,             3.1",
        "pc-q35-rhel8.1.0,             4.1",
        "pc-q35-rhel8.2.0,             4.2",
        "pc-q35-rhel8.3.0,             5.1",
        "pseries-rhel8.4.0,            5.2",
        "pseries-rhel8.5.0-sxxm,       6.0",
        "s390-ccw-virtio-rhel8.6.0,    6.2",
        "virt-rhel9.0.0,               6.2",
        "pc-q35-rhel9.2.0,             7.2",
        "pc-q35-rhel9.4.0,             8.2",
        "pc-q35-rhel9.6.0,             9.1",
        "pc-q35-rhel9.8.0,             10.1",
        "pc-q35-rhel10.0.0,            9.1"
    })
    void shouldKnowRhelsNumbersWhichAreNotQemus(String name, String version) {
        requireLike(version, name);
    }

    private static void requireLike(String version, String name) {
        assertEquals(Optional.of(MachineVersion.parse(version)), MachineTypes.version(name));
        assertEquals(new MachineType("pc-q35-" + version).dialect(), new MachineType(name).dialect());
    }

    /** Such a one syncs as its QEMU does, and images are of newer ones; what only some would understand is not said. */
    @ParameterizedTest
    @ValueSource(
            strings = {"microvm", "none", "isapc", "sun4u", "mps2-an385", "pc", "q35", "virt", "KIT_AURIX_TC277_TRB"})
    void shouldTakeTypeWithoutVersionForTheNewest(String name) {
        Dialect dialect = new MachineType(name).dialect();
        assertEquals(Optional.of(false), dialect.get(WireProperty.MULTIFD_FLUSH_AFTER_EACH_SECTION));
        assertEquals(Optional.of(false), dialect.get(WireProperty.ZERO_PAGE_DETECTION_LEGACY));
        assertEquals(Optional.empty(), dialect.get(WireProperty.SEND_SWITCHOVER_START));
        assertEquals(Optional.empty(), dialect.get(WireProperty.SWITCHOVER_ACK_LEGACY));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pc-q35-rhel10.2.0",
                "pc-q35-rhel11.0.0",
                "pc-q35-rhel9.4",
                "pc-q35-rhel9.4.1",
                "pc-q35-rhel7.5.0",
                "pc-q35-resolute",
                "pc-q35-jammy-other",
                "virtual-9.0",
                "pc-q35-8.2-vendor",
                "pc-q35-8.2+pve",
                "pc-q35-8.2.0.0",
                "pc-q35-1234.0",
                "pc-q35-9",
                "pc-q35-",
                "pc-q35-11.1 ",
                "openEuler-4.0",
                "PC",
                "?"
            })
    void shouldKnowNothingOfOthers(String name) {
        MachineType type = new MachineType(name);
        assertEquals(Dialect.UNKNOWN, type.dialect());
        assertFalse(type.awaitsSwitchoverAck());
        assertFalse(type.countsSwitchoverAcks());
        assertFalse(type.isPageSizeKnown());
    }

    @Test
    void shouldTakeStreamWithoutConfigurationForOneOfTheOldest() {
        assertEquals(
                new MachineType("pc-i440fx-2.3").dialect(),
                Configuration.absent().dialect());
        assertEquals(
                new MachineType("virt-9.0").dialect(),
                Configuration.of("virt-9.0").dialect());
    }

    @ParameterizedTest
    @CsvSource({
        "pc-i440fx-2.12,    false, false",
        "pc-q35-8.0,        false, false",
        "pc-i440fx-8.1,     true,  false",
        "virt-10.0,         true,  false",
        "pc-q35-11.0,       true,  false",
        "pc-q35-11.1,       false, true",
        "pseries-12.0,      false, true",
        "pc-q35-rhel9.2.0,  false, false",
        "pc-q35-rhel9.4.0,  true,  false",
        "pc-i440fx-jammy,   false, false",
        "pc-i440fx-noble,   true,  false",
        "sun4u,             false, false"
    })
    void shouldAwaitSwitchoverAckFrom81To110AndCountThemLater(String name, boolean awaits, boolean counts) {
        MachineType type = new MachineType(name);
        assertEquals(awaits, type.awaitsSwitchoverAck());
        assertEquals(counts, type.countsSwitchoverAcks());
    }

    @ParameterizedTest
    @CsvSource({"pc-q35-jammy", "pc-q35-rhel9.4.0", "pc-q35-9.2+pve1", "pc-q35-4.0.1"})
    void shouldKnowThePageSizeOfTypesThatHaveAVersion(String name) {
        assertTrue(new MachineType(name).isPageSizeKnown());
    }
}
