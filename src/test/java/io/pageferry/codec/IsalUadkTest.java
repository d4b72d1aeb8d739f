package io.pageferry.codec;

import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The format of QEMU's {@code uadk}, by ISA-L: all that the JDK's does, and each of the two reads what the other has
 * packed.
 */
class IsalUadkTest extends UadkCodecTest {
    private static final PageCodec JDK = new UadkCodec(new Deflates(Optional.empty()));

    @BeforeAll
    static void requireLibrary() {
        IsalTest.requireLibrary();
    }

    @Override
    PageCodec codec() {
        return new UadkCodec();
    }

    @Test
    void shouldBeReadByTheJdk() throws Exception {
        assertPagesArrive(codec(), level(), JDK);
    }

    @Test
    void shouldReadWhatTheJdkHasPacked() throws Exception {
        assertPagesArrive(JDK, level(), codec());
    }
}
