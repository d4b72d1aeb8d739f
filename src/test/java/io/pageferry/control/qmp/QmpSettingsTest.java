package io.pageferry.control.qmp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.ConfigException;
import io.pageferry.config.TlsSettings;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where QMP may be served. */
@Timeout(60)
class QmpSettingsTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {"tcp:0.0.0.0:0", "tcp::0", "tcp:[::]:0", "tcp:0:0", "tcp:192.0.2.1:0", "tcp:[::ffff:192.0.2.1]:0"
            })
    void shouldRefuseToBeElsewhereThanAtLoopbackInTheClear(String address) {
        assertEquals(
                "qmp must have qmp-tls-creds, or else qmp-insecure, where it is not at loopback: value=" + address,
                refusal(List.of("tcp:127.0.0.1:0", address), Optional.empty(), false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp:127.0.0.1:0", "tcp:127.9.9.9:0", "tcp:localhost:0", "tcp:[::1]:0", "unix:qmp"})
    void shouldBeAtLoopbackInTheClear(String address) {
        assertEquals(
                1,
                QmpSettings.of(List.of(address), Optional.empty(), false)
                        .addresses()
                        .size());
    }

    @Test
    void shouldBeElsewhereWithTlsOrWhenItIsSaidToBeInsecure() {
        List<String> everywhere = List.of("tcp:0.0.0.0:0");
        assertEquals(
                1,
                QmpSettings.of(everywhere, Optional.empty(), true).addresses().size());
        assertTrue(QmpSettings.of(everywhere, tls(), false).tls().isPresent());
    }

    @Test
    void shouldRefuseTlsThatLetsAnybodyIn() {
        assertEquals(
                "qmp-tls-creds must be with verify-peer: qmp=[tcp:0.0.0.0:0]",
                refusal(List.of("tcp:0.0.0.0:0"), tls().map(one -> one.withVerifyPeer(false)), false));
    }

    @Test
    void shouldRefuseTlsForAPath() {
        assertEquals(
                "qmp-tls-creds must be with a qmp address tcp:HOST:PORT: qmp=[unix:qmp]",
                refusal(List.of("unix:qmp"), tls(), false));
    }

    @Test
    void shouldRefuseTlsThatIsSaidToBeInsecure() {
        assertEquals(
                "qmp-insecure must not be with qmp-tls-creds: qmp=[tcp:0.0.0.0:0]",
                refusal(List.of("tcp:0.0.0.0:0"), tls(), true));
    }

    @Test
    void shouldRefuseAHostThatCannotBeFound() {
        assertEquals(
                "qmp must be at a host that can be found: value=no.such.host.invalid",
                refusal(List.of("tcp:no.such.host.invalid:1"), Optional.empty(), false));
    }

    /** A name that points elsewhere by the time of the bind would make what was checked worthless. */
    @Test
    void shouldBindWhatWasChecked() throws Exception {
        QmpAddress address = QmpAddress.parse("tcp:localhost:7");
        assertEquals(
                "tcp:" + InetAddress.getByName("localhost").getHostAddress() + ":7",
                address.bound().toString());
        assertEquals("tcp:localhost:7", address.said().toString());
    }

    private Optional<TlsSettings> tls() {
        return Optional.of(TlsSettings.of(folder));
    }

    private static String refusal(List<String> uris, Optional<TlsSettings> tls, boolean insecure) {
        return assertThrows(ConfigException.class, () -> QmpSettings.of(uris, tls, insecure))
                .getMessage();
    }
}
