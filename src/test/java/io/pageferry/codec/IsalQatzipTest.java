package io.pageferry.codec;

import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The format of QEMU's {@code qatzip}, by ISA-L: each of it and the JDK reads what the other has packed. */
class IsalQatzipTest extends QatzipCodecTest {
    private static final PageCodec JDK = new QatzipCodec(new Deflates(Optional.empty()));

    @BeforeAll
    static void requireLibrary() {
        IsalTest.requireLibrary();
    }

    @Override
    PageCodec codec() {
        return new QatzipCodec();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 9})
    void shouldBeReadByTheJdk(int level) throws Exception {
        assertPagesArrive(codec(), level, JDK);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 9})
    void shouldReadWhatTheJdkHasPacked(int level) throws Exception {
        assertPagesArrive(JDK, level, codec());
    }
}
