package io.pageferry.net.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pageferry.config.TlsSettings;
import io.pageferry.net.NetException;
import io.pageferry.net.Security;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.TlsAuthority;
import io.pageferry.testing.TlsBy;
import io.pageferry.testing.TlsChoice;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who does TLS with which certificates. */
@LeakFree
@Timeout(30)
class X509SecurityTest {
    @TempDir
    Path folder;

    private TlsAuthority authority;

    @BeforeEach
    void makeAuthority() {
        authority = TlsAuthority.create(folder, "authority");
        authority.writeTo(folder);
    }

    @Test
    void shouldBeBoringSslsWhenNobodyChooses() throws Exception {
        authority.server("ip:127.0.0.1").toServer(folder);
        assertInstanceOf(BoringSecurity.class, X509Security.ofServer(TlsSettings.of(folder)));
    }

    @Test
    void shouldBeWhosIsChosen() throws Exception {
        authority.server("ip:127.0.0.1").toServer(folder);
        assertInstanceOf(JsseSecurity.class, ofServer(TlsBy.JSSE));
        assertInstanceOf(BoringSecurity.class, ofServer(TlsBy.BORINGSSL));
    }

    @Test
    void shouldRefuseChoiceWhenNobodyKnowsIt() {
        authority.server("ip:127.0.0.1").toServer(folder);
        NetException refused = assertThrows(NetException.class, () -> ofServer("openssl"));
        assertEquals("system property pageferry.tls must be jsse or boringssl: value=openssl", refused.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"EC, secp256r1, BoringSecurity", "EC, secp384r1, BoringSecurity", "EC, secp521r1, JsseSecurity"})
    void shouldBeTheJdksWhenBoringSslDoesNotKnowTheCurve(String algorithm, String curve, String by) throws Exception {
        authority
                .sign(algorithm, "CN=server", "-groupname", curve, "-ext", "eku=serverAuth")
                .toServer(folder);
        assertEquals(
                by, X509Security.ofServer(TlsSettings.of(folder)).getClass().getSimpleName());
    }

    @Test
    void shouldBeTheJdksWhenBoringSslDoesNotKnowTheKind() {
        authority.sign("Ed25519", "CN=server", "-ext", "eku=serverAuth").toServer(folder);
        NetException refused = assertThrows(NetException.class, () -> ofServer(TlsBy.BORINGSSL));
        assertEquals(
                "BoringSSL must be of use: reason=\"it does not know keys as those of tls-creds: algorithm=EdDSA\"",
                refused.getMessage());
    }

    private Security ofServer(String engine) throws Exception {
        return TlsChoice.with(engine, () -> X509Security.ofServer(TlsSettings.of(folder)));
    }
}
