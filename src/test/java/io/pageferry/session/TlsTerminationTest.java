package io.pageferry.session;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.config.TlsSettings;
import io.pageferry.net.Connection;
import io.pageferry.net.Connector;
import io.pageferry.net.Listener;
import io.pageferry.net.StallWatch;
import io.pageferry.net.tls.TlsSecurity;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.StreamBytes;
import io.pageferry.wire.InitialPacketFlyweight;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A multifd channel that ends too early, under TLS: what that is called depends on whether its source says goodbye
 * (QEMU's multifd-clean-tls-termination).
 */
@LeakFree
@Timeout(20)
class TlsTerminationTest {
    private static final StallWatch WATCH = new StallWatch(Duration.ofSeconds(20));

    @TempDir
    Path folder;

    private MigrationParameters parameters;

    @BeforeEach
    void makeCredentials() throws Exception {
        Files.writeString(folder.resolve("keys.psk"), "qemu:0123456789abcdef\n");
        parameters = MigrationParameters.builder()
                .multifdChannels(1)
                .tls(TlsSettings.of(folder))
                .build();
    }

    @Test
    void shouldTakeEndForACutWhenMachineTypeEndsCleanly() throws Exception {
        requireFailure(
                "peer must end its TLS session before it closes, the connection may have been cut: channel=0",
                "10.0",
                false);
    }

    @Test
    void shouldTakeEndForAnEndWhenMachineTypeIsOlder() throws Exception {
        requireFailure("channel must send SYNC before it closes: channels={0}", "9.2", false);
    }

    @Test
    void shouldTakeEndForAnEndWhenItIsSaid() throws Exception {
        requireFailure("channel must send SYNC before it closes: channels={0}", "10.0", true);
    }

    private void requireFailure(String beginning, String machineVersion, boolean finish) throws Exception {
        try (Listener listener =
                        Listener.open(new MigrationUri.Tcp("127.0.0.1", 0), 8, TlsSecurity.ofServer(parameters.tls()));
                MemoryDestination destination = new MemoryDestination()) {
            FutureTask<MigrationOutcome> migration =
                    new FutureTask<>(IncomingMigration.from(listener, Optional.empty(), parameters, destination)::run);
            Thread.ofVirtual().start(migration);
            Connector connector = Connector.to(listener.uri(), TlsSecurity.ofClient(parameters.tls(), listener.uri()));
            try (Connection main = connector.connect(WATCH, "main")) {
                main.writeFully(mainStream(machineVersion), "main stream");
                try (Connection channel = connector.connect(WATCH, "channel")) {
                    channel.writeFully(initialPacket(), "initial packet");
                    if (finish) {
                        channel.finish();
                    }
                }
                String line = migration.get().failure().orElseThrow().getMessage();
                assertTrue(line.startsWith(beginning), line);
            }
        }
    }

    private static ByteBuffer initialPacket() {
        ByteBuffer packet = ByteBuffer.allocateDirect(InitialPacketFlyweight.LENGTH);
        new InitialPacketFlyweight().wrap(new UnsafeBuffer(packet), 0).fill(new UUID(0, 0), 0);
        return packet;
    }

    /** As far as the first sync, which the channel never sends its part of. */
    private static ByteBuffer mainStream(String machineVersion) {
        String machine = "pc-i440fx-" + machineVersion;
        return ByteBuffer.wrap(new StreamBytes()
                .u32(0x5145564d)
                .u32(3)
                .u8(7) // configuration
                .u32(machine.length())
                .text(machine)
                .u8(1) // section start
                .u32(2)
                .name("ram")
                .u32(0)
                .u32(4)
                .u64(4096 | 0x04)
                .name("pc.ram")
                .u64(4096)
                .u64(0x200) // MULTIFD_FLUSH
                .u64(0x10) // EOS
                .u8(0x7e)
                .u32(2)
                .toBytes());
    }
}
