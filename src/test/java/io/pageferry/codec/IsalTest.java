package io.pageferry.codec;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** zlib's format, by ISA-L: all that the JDK's does, and each of the two reads what the other has packed. */
class IsalTest extends ZlibCodecTest {
    private static final PageCodec ISAL = new ZlibCodec();
    private static final PageCodec JDK = new ZlibCodec(Optional.empty());

    /** Has tests of the library skipped where it is not there, or fail where it must be. */
    @BeforeAll
    static void requireLibrary() {
        boolean there = Isal.ofThisMachine().isPresent();
        assertTrue(there || !"1".equals(System.getenv("PAGEFERRY_REQUIRE_ISAL")), "ISA-L must be there: libisal.so.2");
        assumeTrue(there, "needs ISA-L, libisal.so.2: scripts/install-isal");
    }

    @Override
    PageCodec codec() {
        return ISAL;
    }

    @Test
    void shouldLeaveToZlibWhatItPacksBetter() {
        assertFalse(IsalDeflate.isEquivalentTo(0));
        assertTrue(IsalDeflate.isEquivalentTo(1));
        assertFalse(IsalDeflate.isEquivalentTo(4));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void shouldBeReadByTheJdk(int level) throws Exception {
        assertPagesArrive(ISAL, level, JDK);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 9})
    void shouldReadWhatTheJdkHasPacked(int level) throws Exception {
        assertPagesArrive(JDK, level, ISAL);
    }
}
