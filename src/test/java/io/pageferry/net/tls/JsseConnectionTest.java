package io.pageferry.net.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pageferry.testing.TlsBy;
import org.junit.jupiter.api.Test;

@TlsBy(TlsBy.JSSE)
class JsseConnectionTest extends X509ConnectionSuite {
    @Test
    void shouldBeDoneByTheJdk() {
        assertEquals(0, BoringLibrary.heldNatively());
    }
}
