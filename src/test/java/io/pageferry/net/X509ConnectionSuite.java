package io.pageferry.net;

import io.pageferry.config.TlsSettings;
import io.pageferry.testing.TlsAuthority;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** What connections under TLS with certificates do, whoever does that. */
abstract class X509ConnectionSuite extends ConnectionSuite {
    @TempDir
    static Path folder;

    @BeforeAll
    static void makeCredentials() {
        TlsAuthority authority = TlsAuthority.create(folder, "authority");
        authority.writeTo(folder);
        authority.server("ip:127.0.0.1").toServer(folder);
        authority.client("CN=client").toClient(folder);
    }

    @Override
    Optional<TlsSettings> tls() {
        return Optional.of(TlsSettings.of(folder));
    }

    @Override
    Optional<String> peerIdentity() {
        return Optional.of("CN=client");
    }
}
