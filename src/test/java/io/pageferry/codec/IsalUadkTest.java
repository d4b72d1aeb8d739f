package io.pageferry.codec;

import org.junit.jupiter.api.BeforeAll;

/** The format of QEMU's {@code uadk}, by ISA-L. */
class IsalUadkTest extends UadkCodecTest {
    @BeforeAll
    static void requireLibrary() {
        IsalTest.requireLibrary();
    }

    @Override
    Deflates deflates() {
        return new Deflates();
    }
}
