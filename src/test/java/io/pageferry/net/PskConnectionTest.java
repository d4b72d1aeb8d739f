package io.pageferry.net;

import io.pageferry.config.TlsSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;

class PskConnectionTest extends ConnectionSuite {
    @TempDir
    static Path folder;

    @Override
    Optional<TlsSettings> tls() throws Exception {
        Files.writeString(folder.resolve("keys.psk"), "qemu:0123456789abcdef0123456789abcdef\n");
        return Optional.of(TlsSettings.of(folder));
    }

    @Override
    Optional<String> peerIdentity() {
        return Optional.of("qemu");
    }
}
