package io.pageferry.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.server.HostShare;
import io.pageferry.server.Server;
import io.pageferry.server.ServerSettings;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.registry.MigrationEntry;
import io.pageferry.session.registry.Migrations;
import io.pageferry.store.ImageStore;
import io.pageferry.store.Retention;
import io.pageferry.store.folder.FolderStore;
import io.pageferry.stream.DeviceStatePiece;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.LeakFree;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A guest with device state beside RAM for which there is no room, and a neighbour that has its room reserved. */
@LeakFree
@Timeout(60)
class DeviceStateSpaceTest {
    private static final long MIB = 1L << 20;

    /** Two guests' RAM and first steps, and less than one step more. */
    private static final long ROOM = 44 * MIB;

    /** Far more than that, whatever else is written to the disk meanwhile, or removed from it. */
    private static final int PIECES = 512;

    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private ImageStore store;
    private Migrations migrations;
    private Server server;

    @BeforeEach
    void serve() throws IOException {
        long free = Files.getFileStore(folder).getUsableSpace();
        store = FolderStore.open(folder.resolve("store"), Retention.ALL, free - ROOM, Clock.systemUTC());
        migrations = new Migrations(8, 8);
        MigrationParameters parameters = MigrationParameters.builder()
                .multifdChannels(Source.CHANNELS)
                .maxRam(1 << 20)
                .maxDeviceState(1L << 40)
                .build();
        server = Server.start(
                new ServerSettings(
                        List.of(new MigrationUri.Tcp("127.0.0.1", 0)),
                        false,
                        parameters,
                        32,
                        0,
                        Map.of(),
                        HostShare.ALL),
                store,
                migrations);
    }

    @AfterEach
    void close() {
        server.close();
        migrations.close();
        store.close();
    }

    @Test
    void shouldEndTheGuestWhoseDeviceStateHasNoRoomAndNotItsNeighbour() throws Exception {
        try (GuestSources neighbour = new GuestSources(server.uris().getFirst());
                GuestSources greedy = new GuestSources(server.uris().getFirst())) {
            neighbour.begin(GuestSources.source(0));
            Eventually.until("a neighbour", () -> migrations.running() == 1);
            Source source = GuestSources.source(1);
            greedy.send(source.main(), GuestSources.shifted(Source.DEVICE_STATE), Peer.Then.SILENCE);
            greedy.send(source.connections.get(2), source.connections.get(2).length, Peer.Then.SILENCE);
            flood(source.channel0());
            Eventually.until("the end of the greedy one", () -> outcome(1).isPresent());
            String reason = outcome(1).orElseThrow().failure().orElseThrow().getMessage();
            assertTrue(reason.startsWith("guest must have room on disk: needed=16 MiB free="), reason);
            assertTrue(reason.contains("for=\"more device state\""), reason);
            neighbour.release();
            neighbour.awaitClosed();
        }
        assertTrue(migrations.awaitNone(LONG));
        assertEquals(Optional.empty(), outcome(0).orElseThrow().failure());
        assertEquals(1, store.list().size());
        assertEquals(1, server.refusalCounters().counts().get("store"));
    }

    /** Sends pieces of device state until it is cut off. */
    private void flood(byte[] channel) throws IOException {
        MigrationUri.Tcp uri = (MigrationUri.Tcp) server.uris().getFirst();
        DeviceStatePiece piece = new DeviceStatePiece("0000:00:04.0/vfio", 0, (int) MIB);
        ByteBuffer packet = ByteBuffer.allocateDirect((int) piece.totalBytes());
        piece.write(packet);
        packet.clear();
        try (SocketChannel socket = SocketChannel.open(new InetSocketAddress(uri.host(), uri.port()))) {
            write(socket, ByteBuffer.wrap(channel, 0, Source.DATA_PACKET));
            for (int i = 0; i < PIECES; i++) {
                write(socket, packet.duplicate());
            }
        } catch (IOException e) {
            return; // as it should
        }
        throw new AssertionError("pieces that were taken: " + PIECES);
    }

    private static void write(SocketChannel socket, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            socket.write(bytes);
        }
    }

    private Optional<MigrationOutcome> outcome(int guest) {
        return migrations.list().stream()
                .filter(entry -> entry.subject().guest().equals(Optional.of(GuestSources.uuid(guest))))
                .findFirst()
                .flatMap(MigrationEntry::outcome);
    }
}
