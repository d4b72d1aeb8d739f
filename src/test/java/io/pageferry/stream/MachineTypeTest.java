package io.pageferry.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a machine type pins: as {@code hw/core/machine.c} of QEMU 10.0 has it. */
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
        "microvm,        false, false, true"
    })
    void shouldBehaveAsQemuOfItsVersion(String name, boolean flushes, boolean zerosOnMain, boolean announces) {
        MachineType type = new MachineType(name);
        assertEquals(flushes, type.flushesAfterEachSection());
        assertEquals(zerosOnMain, type.sendsZeroPagesOnMainChannel());
        assertEquals(announces, type.announcesSwitchover());
    }
}
