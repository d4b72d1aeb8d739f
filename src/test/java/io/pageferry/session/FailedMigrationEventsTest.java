package io.pageferry.session;

import static io.pageferry.session.WatchedMigration.CHANNELS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationUri;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.net.Listener;
import io.pageferry.testing.LeakFree;
import io.pageferry.wire.InitialPacketFlyweight;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a recording says of migrations that fail. */
@LeakFree
@Timeout(60)
class FailedMigrationEventsTest {
    /** More than the buffers of all sockets hold: who sends it must notice that nobody is there. */
    private static final long GUEST_BYTES = 64L << 20;

    @TempDir
    Path folder;

    @Test
    void shouldTellOfChannelThatCannotConnect() throws Exception {
        Ended ended = sendToOneThatTakesOnlyTheMainChannel();
        while (ended.events("NewSendChannelAsyncError").isEmpty()) {
            // All channels were in the listener's queue before it closed: they connected, and broke then.
            ended = sendToOneThatTakesOnlyTheMainChannel();
        }
        RecordedEvent event = ended.events("NewSendChannelAsyncError").getFirst();
        assertTrue(event.getInt("channel") >= 0 && event.getInt("channel") < CHANNELS);
        assertTrue(event.getString("error").startsWith("destination must accept connections"), event::toString);
        assertEquals(1, ended.events("SendTerminateThreads").size());
    }

    @Test
    void shouldTellOfChannelsThatBreak() throws Exception {
        Ended ended = sendTo(listener -> {
            try (SocketChannel main = listener.accept()) {
                List<SocketChannel> channels = new ArrayList<>();
                for (int i = 0; i < CHANNELS; i++) {
                    SocketChannel channel = listener.accept();
                    channel.socket().getInputStream().readNBytes(InitialPacketFlyweight.LENGTH);
                    channels.add(channel);
                }
                for (SocketChannel channel : channels) {
                    channel.setOption(StandardSocketOptions.SO_LINGER, 0); // a reset, and no orderly end
                    channel.close();
                }
                main.socket().getInputStream().readAllBytes();
            }
        });
        List<RecordedEvent> started = ended.events("SendThreadStart");
        assertEquals(CHANNELS, started.size());
        assertEquals(CHANNELS, ended.events("SendThreadEnd").size());
        List<RecordedEvent> errors = ended.events("SendError");
        assertFalse(errors.isEmpty());
        errors.forEach(error -> assertFalse(error.getString("error").isEmpty()));
        assertEquals("failed", ended.events("MigrationState").getLast().getString("state"));
    }

    @Test
    void shouldTellThatReceivingThreadsAreTerminatedForAnError() throws Exception {
        try (Recording recording = WatchedMigration.record();
                Listener listener = Listener.open(new MigrationUri.Tcp("127.0.0.1", 0), 8);
                MemoryDestination destination = new MemoryDestination()) {
            IncomingMigration migration =
                    IncomingMigration.from(listener, Optional.empty(), WatchedMigration.parameters(), destination);
            int port = ((MigrationUri.Tcp) listener.uri()).port();
            try (SocketChannel peer = SocketChannel.open(new InetSocketAddress("127.0.0.1", port))) {
                peer.shutdownOutput();
                assertFalse(migration.run().completed());
            }
            List<RecordedEvent> terminated = WatchedMigration.of(
                    WatchedMigration.stop(recording, folder), migration.progress(), "RecvTerminateThreads");
            assertEquals(1, terminated.size());
            assertTrue(terminated.getFirst().getBoolean("error"));
        }
    }

    /** What a destination does with those who connect to it. */
    @FunctionalInterface
    private interface Behaviour {
        void accept(ServerSocketChannel listener) throws IOException;
    }

    private record Ended(MigrationOutcome outcome, List<RecordedEvent> recorded) {
        List<RecordedEvent> events(String name) {
            return WatchedMigration.of(recorded, outcome.progress(), name);
        }
    }

    private Ended sendToOneThatTakesOnlyTheMainChannel() throws Exception {
        return sendTo(listener -> {
            try (SocketChannel main = listener.accept()) {
                listener.close();
                main.socket().getInputStream().readAllBytes();
            }
        });
    }

    private Ended sendTo(Behaviour destination) throws Exception {
        try (Recording recording = WatchedMigration.record();
                SyntheticGuest guest = new SyntheticGuest(new GuestShape(GUEST_BYTES, 0, 0, 0, 1));
                ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress("127.0.0.1", 0), 8);
            int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
            Thread peer = Thread.ofVirtual().start(() -> {
                try {
                    destination.accept(listener);
                } catch (IOException e) {
                    // The source has failed and closed: what it was there for.
                }
            });
            MigrationOutcome outcome = OutgoingMigration.of(
                            new SyntheticOutgoingGuest(guest),
                            new MigrationUri.Tcp("127.0.0.1", port),
                            Optional.empty(),
                            WatchedMigration.parameters())
                    .run();
            peer.join();
            assertEquals(MigrationStatus.FAILED, outcome.status());
            return new Ended(outcome, WatchedMigration.stop(recording, folder));
        }
    }
}
