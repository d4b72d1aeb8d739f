package io.pageferry.session;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.config.TlsAuthz;
import io.pageferry.config.TlsSettings;
import io.pageferry.net.Connection;
import io.pageferry.net.Connector;
import io.pageferry.net.Listener;
import io.pageferry.net.StallWatch;
import io.pageferry.net.tls.TlsSecurity;
import io.pageferry.testing.LeakFree;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Handshakes are made side by side, and each has its time. */
@LeakFree
@Timeout(20)
class TlsHandshakeTest {
    private static final Duration SHORT_STALL_TIMEOUT = Duration.ofSeconds(2);
    private static final StallWatch WATCH = new StallWatch(Duration.ofSeconds(20));

    @TempDir
    Path folder;

    @Test
    void shouldNotHoldUpOtherChannelsWhenOneIsStuckInItsHandshake() throws Exception {
        Files.writeString(folder.resolve("keys.psk"), "qemu:0123456789abcdef\n");
        MigrationParameters parameters = MigrationParameters.builder()
                .multifdChannels(1)
                .stallTimeout(SHORT_STALL_TIMEOUT)
                .tls(TlsSettings.of(folder))
                .build();
        try (Listener listener =
                        Listener.open(new MigrationUri.Tcp("127.0.0.1", 0), 8, TlsSecurity.ofServer(parameters.tls()));
                MemoryDestination destination = new MemoryDestination();
                Socket stuck = new Socket("127.0.0.1", ((MigrationUri.Tcp) listener.uri()).port())) {
            FutureTask<MigrationOutcome> migration =
                    new FutureTask<>(IncomingMigration.from(listener, Optional.empty(), parameters, destination)::run);
            Thread.ofVirtual().start(migration);
            // Comes back when the other end has answered.
            try (Connection main = Connector.to(listener.uri(), TlsSecurity.ofClient(parameters.tls(), listener.uri()))
                    .connect(WATCH, "main")) {
                main.writeFully(ByteBuffer.wrap(new byte[] {'Q', 'E', 'V', 'M'}), "magic");
                String line = migration.get().failure().orElseThrow().getMessage();
                assertTrue(
                        line.matches("peer must not be silent for longer than stall-timeout: connection from \\S+:"
                                + stuck.getLocalPort() + " awaited=\"TLS handshake, .*"),
                        line);
            }
        }
    }

    /** Each of them may connect, but pages of the one have no business in the other one's guest. */
    @Test
    void shouldRefuseAChannelOfAnotherIdentityThanTheMainChannels() throws Exception {
        Files.writeString(folder.resolve("keys.psk"), "victim:0123456789abcdef\nattacker:fedcba9876543210\n");
        MigrationParameters parameters = MigrationParameters.builder()
                .multifdChannels(1)
                .stallTimeout(Duration.ofSeconds(20))
                .tls(TlsSettings.of(folder))
                .build();
        try (Listener listener =
                        Listener.open(new MigrationUri.Tcp("127.0.0.1", 0), 8, TlsSecurity.ofServer(parameters.tls()));
                MemoryDestination destination = new MemoryDestination()) {
            FutureTask<MigrationOutcome> migration =
                    new FutureTask<>(IncomingMigration.from(listener, Optional.empty(), parameters, destination)::run);
            Thread.ofVirtual().start(migration);
            try (Connection main = connect(listener, "victim");
                    Connection channel = connect(listener, "attacker")) {
                main.writeFully(ByteBuffer.wrap(new byte[] {'Q', 'E', 'V', 'M'}), "magic");
                ByteBuffer initial =
                        ByteBuffer.allocate(64).putInt(0, 0x11223344).putInt(4, 1);
                channel.writeFully(initial, "initial packet");
                String line = migration.get().failure().orElseThrow().getMessage();
                assertTrue(line.startsWith("connections of a migration must be of one identity: "), line);
                assertTrue(line.contains("\"victim\"") && line.contains("\"attacker\""), line);
            }
        }
    }

    private Connection connect(Listener listener, String user) throws Exception {
        TlsSettings credentials = new TlsSettings(folder, Optional.empty(), TlsAuthz.allowAll(), true, user);
        return Connector.to(listener.uri(), TlsSecurity.ofClient(Optional.of(credentials), listener.uri()))
                .connect(WATCH, user);
    }
}
