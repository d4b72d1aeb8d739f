package io.pageferry.codec;

import org.junit.jupiter.api.BeforeAll;

/** The format of QEMU's {@code qpl}, by ISA-L. */
class IsalQplTest extends QplCodecTest {
    @BeforeAll
    static void requireLibrary() {
        IsalTest.requireLibrary();
    }

    @Override
    Deflates deflates() {
        return new Deflates();
    }
}
