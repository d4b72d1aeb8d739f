package io.pageferry.net.tls;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.TlsBy;
import org.junit.jupiter.api.Test;

@TlsBy(TlsBy.BORINGSSL)
class BoringConnectionTest extends X509ConnectionSuite {
    @Test
    void shouldBeDoneByBoringSsl() {
        assertTrue(BoringLibrary.heldNatively() > 0);
    }
}
