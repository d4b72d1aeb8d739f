package io.pageferry.net.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pageferry.config.MigrationUri;
import io.pageferry.config.TlsSettings;
import io.pageferry.net.Connection;
import io.pageferry.net.ConnectionSuite;
import io.pageferry.net.Connector;
import io.pageferry.net.Listener;
import io.pageferry.net.Security;
import io.pageferry.net.StallWatch;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PskConnectionTest extends ConnectionSuite {
    @TempDir
    static Path folder;

    @Override
    protected Security securityOfServer() throws Exception {
        return TlsSecurity.ofServer(tls());
    }

    @Override
    protected Security securityOfClient(MigrationUri server) throws Exception {
        return TlsSecurity.ofClient(tls(), server);
    }

    private static Optional<TlsSettings> tls() throws Exception {
        Files.writeString(folder.resolve("keys.psk"), "qemu:0123456789abcdef0123456789abcdef\n");
        return Optional.of(TlsSettings.of(folder));
    }

    @Override
    protected Optional<String> peerIdentity() {
        return Optional.of("qemu");
    }

    /** On a UNIX socket an answer to its end finds at once that nobody is there, as with a QEMU that has sent all. */
    @Test
    void shouldReadEndWhenPeerIsGoneAfterItHasSaidSo() throws Exception {
        StallWatch watch = new StallWatch(Duration.ofMinutes(1));
        ByteBuffer bytes = ByteBuffer.allocate(8);
        try (Listener listener =
                Listener.open(new MigrationUri.Unix(folder.resolve("socket")), 1, TlsSecurity.ofServer(tls()))) {
            CompletableFuture<Void> said = new CompletableFuture<>();
            Thread peer = Thread.ofVirtual().start(() -> {
                try (Connection connection = Connector.to(listener.uri(), TlsSecurity.ofClient(tls(), listener.uri()))
                        .connect(watch, "peer")) {
                    connection.writeFully(ByteBuffer.allocate(1), "byte");
                    connection.finish();
                    said.complete(null);
                } catch (Exception e) {
                    said.completeExceptionally(e);
                }
            });
            try (Connection connection = listener.accept(watch, "peer")) {
                connection.begin();
                said.get();
                peer.join();
                assertEquals(1, connection.readWhenSaid(bytes, "byte"));
                assertEquals(-1, connection.readWhenSaid(bytes, "end"));
            }
        }
    }
}
