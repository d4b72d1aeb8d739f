package io.pageferry.perf;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.net.Listener;
import io.pageferry.session.IncomingMigration;
import io.pageferry.session.MemoryDestination;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.testing.Threads;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/** A whole incoming migration whose source sends what it was given, and heeds no answer. */
final class HostileMigration {
    private HostileMigration() {}

    /**
     * Receives the stream over loopback.
     *
     * @param main all that the source sends on the main channel
     * @param channel all that it sends on its only multifd channel
     */
    static MigrationOutcome receive(byte[] main, byte[] channel) throws Exception {
        MigrationParameters parameters = MigrationParameters.builder()
                .multifdChannels(1)
                .maxRam(HostileStream.RAM_BYTES)
                .build();
        try (Listener listener = Listener.open(new MigrationUri.Tcp("127.0.0.1", 0), 2);
                MemoryDestination destination = new MemoryDestination()) {
            int port = ((MigrationUri.Tcp) listener.uri()).port();
            IncomingMigration migration = IncomingMigration.from(listener, Optional.empty(), parameters, destination);
            List<MigrationOutcome> outcomes = new ArrayList<>();
            Threads.runTogether(List.<Callable<?>>of(
                    () -> outcomes.add(migration.run()), () -> send(port, main), () -> send(port, channel)));
            if (!outcomes.getFirst().completed()) {
                throw new IllegalStateException(outcomes.getFirst().failure().orElseThrow());
            }
            return outcomes.getFirst();
        }
    }

    private static Void send(int port, byte[] bytes) throws IOException {
        try (SocketChannel socket = SocketChannel.open(new InetSocketAddress("127.0.0.1", port))) {
            Thread answers = Thread.ofVirtual().start(() -> drain(socket));
            ByteBuffer rest = ByteBuffer.wrap(bytes);
            while (rest.hasRemaining()) {
                socket.write(rest);
            }
            socket.shutdownOutput();
            answers.join();
            return null;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void drain(SocketChannel socket) {
        ByteBuffer answers = ByteBuffer.allocate(1 << 16);
        try {
            while (socket.read(answers.clear()) >= 0) {
                // What it is told does not matter here.
            }
        } catch (IOException e) {
            // It is closed.
        }
    }
}
