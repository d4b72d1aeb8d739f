package io.pageferry.net.tls;

import io.pageferry.config.MigrationUri;
import io.pageferry.config.TlsSettings;
import io.pageferry.net.ConnectionSuite;
import io.pageferry.net.Security;
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
    protected Security securityOfServer() throws Exception {
        return TlsSecurity.ofServer(tls());
    }

    @Override
    protected Security securityOfClient(MigrationUri server) throws Exception {
        return TlsSecurity.ofClient(tls(), server);
    }

    private static Optional<TlsSettings> tls() {
        return Optional.of(TlsSettings.of(folder));
    }

    @Override
    protected Optional<String> peerIdentity() {
        return Optional.of("CN=client");
    }
}
