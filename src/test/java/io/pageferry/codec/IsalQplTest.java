package io.pageferry.codec;

import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The format of QEMU's {@code qpl}, by ISA-L: all that the JDK's does, and each of the two reads what the other has
 * packed.
 */
class IsalQplTest extends QplCodecTest {
    private static final PageCodec JDK = new QplCodec(new Deflates(Optional.empty()));

    @BeforeAll
    static void requireLibrary() {
        IsalTest.requireLibrary();
    }

    @Override
    PageCodec codec() {
        return new QplCodec();
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
