package io.pageferry.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a machine type pins: as {@code hw/core/machine.c} of QEMU 10.0 and 11.1 has it. */
@Timeout(10)
class MachineTypeTest {
    @ParameterizedTest
    @CsvSource({
        "pc-i440fx-2.12, true,  true,  false",
        "pc-i440fx-7.2,  true,  true,  false",
        "pc-q35-8.0,     true,  true,  false",
        "pc-q35-8.1,     false, true,  false",
        "pc-q35-8.2,     false, true,  false",
        "pc-q35-9.0,     false, false, false",
        "pc-q35-9.2,     false, false, false",
        "pc-q35-10.0,    false, false, true",
        "virt-11.1,      false, false, true",
        "microvm,        false, false, false"
    })
    void shouldBehaveAsQemuOfItsVersion(String name, boolean flushes, boolean zerosOnMain, boolean announces) {
        MachineType type = new MachineType(name);
        assertEquals(flushes, type.flushesAfterEachSection());
        assertEquals(zerosOnMain, type.sendsZeroPagesOnMainChannel());
        assertEquals(announces, type.announcesSwitchover());
    }

    /** A name without a version may be of any QEMU, a distribution's has a version of its own. */
    @ParameterizedTest
    @CsvSource({
        "pc-i440fx-2.12,    false, false",
        "pc-q35-8.0,        false, false",
        "pc-i440fx-8.1,     true,  false",
        "virt-10.0,         true,  false",
        "pc-q35-11.0,       true,  false",
        "pc-q35-11.1,       false, true",
        "pseries-12.0,      false, true",
        "pc-q35-rhel9.6.0,  false, false",
        "pc-i440fx-jammy,   false, false",
        "sun4u,             false, false"
    })
    void shouldAwaitSwitchoverAckFrom81To110AndCountThemLater(String name, boolean awaits, boolean counts) {
        MachineType type = new MachineType(name);
        assertEquals(awaits, type.awaitsSwitchoverAck());
        assertEquals(counts, type.countsSwitchoverAcks());
    }
}
