package io.pageferry.net.tls;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationUri;
import io.pageferry.config.TlsSettings;
import io.pageferry.net.Connection;
import io.pageferry.net.Connector;
import io.pageferry.net.Listener;
import io.pageferry.net.NetException;
import io.pageferry.net.StallWatch;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.TlsAuthority;
import io.pageferry.testing.TlsBy;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is native is given back with the connection, however that ends: a call of something that has been freed would be
 * the end of the process.
 */
@LeakFree
@TlsBy(TlsBy.BORINGSSL)
@Timeout(60)
class BoringTransportTest {
    private static final StallWatch WATCH = new StallWatch(Duration.ofSeconds(30));
    private static final String TEST = "test";
    private static final int TURNS = 150;

    @TempDir
    static Path good;

    @TempDir
    static Path stranger;

    private ExecutorService executor;
    private Listener listener;

    @BeforeAll
    static void makeCredentials() {
        TlsAuthority authority = TlsAuthority.create(good, "authority");
        authority.writeTo(good);
        authority.server("ip:127.0.0.1").toServer(good);
        authority.client("CN=client").toClient(good);
        TlsAuthority other = TlsAuthority.create(stranger, "authority");
        other.writeTo(stranger);
        other.client("CN=stranger").toClient(stranger);
    }

    @BeforeEach
    void listen() throws IOException {
        executor = Executors.newCachedThreadPool();
        listener = Listener.open(new MigrationUri.Tcp("127.0.0.1", 0), 8, TlsSecurity.ofServer(tls(good)));
    }

    @AfterEach
    void close() {
        listener.close();
        executor.close();
        assertEquals(0, BoringLibrary.heldNatively());
    }

    private static Optional<TlsSettings> tls(Path folder) {
        return Optional.of(TlsSettings.of(folder));
    }

    /** Two ends of a connection; the handshake is done. */
    private record Ends(Connection client, Connection server) implements AutoCloseable {
        @Override
        public void close() {
            client.close();
            server.close();
        }
    }

    private Ends connect() throws Exception {
        Future<Connection> accepting = executor.submit(() -> {
            Connection connection = listener.accept(WATCH, TEST);
            connection.begin();
            return connection;
        });
        Connection client = Connector.to(listener.uri(), TlsSecurity.ofClient(tls(good), listener.uri()))
                .connect(WATCH, "client");
        return new Ends(client, accepting.get());
    }

    @Test
    void shouldHoldNothingWhenConnectionHasNotBegun() throws Exception {
        try (Socket _ = new Socket("127.0.0.1", ((MigrationUri.Tcp) listener.uri()).port())) {
            Connection accepted = listener.accept(WATCH, TEST);
            assertEquals(0, BoringLibrary.heldNatively());
            accepted.close();
            assertThrows(ClosedChannelException.class, accepted::begin);
        }
    }

    @Test
    void shouldGiveBackWhenPeerIsRefused() throws Exception {
        Future<String> refusing = executor.submit(() -> {
            try (Connection connection = listener.accept(WATCH, TEST)) {
                return assertThrows(NetException.class, connection::begin).getMessage();
            }
        });
        // It does not know the server's CA either, and says so first.
        assertThrows(
                NetException.class,
                () -> Connector.to(listener.uri(), TlsSecurity.ofClient(tls(stranger), listener.uri()))
                        .connect(WATCH, "client"));
        assertTrue(refusing.get().contains(" alert=certificate_unknown"), refusing.get());
    }

    @Test
    void shouldGiveBackWhenClosedInHandshake() throws Exception {
        for (int turn = 0; turn < TURNS; turn++) {
            try (Socket _ = new Socket("127.0.0.1", ((MigrationUri.Tcp) listener.uri()).port())) {
                Connection accepted = listener.accept(WATCH, TEST);
                Future<?> shaking = executor.submit(() -> {
                    accepted.begin();
                    return null;
                });
                accepted.close();
                assertInstanceOf(
                        ClosedChannelException.class,
                        assertThrows(ExecutionException.class, shaking::get).getCause());
            }
            assertEquals(0, BoringLibrary.heldNatively());
        }
    }

    @Test
    void shouldGiveBackWhenThreadIsInterruptedInHandshake() throws Exception {
        try (Socket _ = new Socket("127.0.0.1", ((MigrationUri.Tcp) listener.uri()).port())) {
            Connection accepted = listener.accept(WATCH, TEST);
            Future<?> shaking = executor.submit(() -> {
                try (accepted) {
                    accepted.begin();
                }
                return null;
            });
            await().until(() -> BoringLibrary.heldNatively() > 0);
            shaking.cancel(true);
            await().until(() -> BoringLibrary.heldNatively() == 0);
        }
    }

    /** Each turn at another moment: before, inside or between calls. */
    @Test
    void shouldGiveBackWhenClosedWhileOthersReadAndWrite() throws Exception {
        for (int turn = 0; turn < TURNS; turn++) {
            CountDownLatch atWork = new CountDownLatch(4);
            try (Ends ends = connect()) {
                List<Future<?>> working = List.of(
                        executor.submit(() -> write(ends.client(), atWork)),
                        executor.submit(() -> read(ends.client(), atWork)),
                        executor.submit(() -> write(ends.server(), atWork)),
                        executor.submit(() -> read(ends.server(), atWork)));
                atWork.await();
                ends.server().close();
                ends.client().close();
                for (Future<?> one : working) {
                    Throwable end =
                            assertThrows(ExecutionException.class, one::get).getCause();
                    assertTrue(end instanceof ClosedChannelException || end instanceof NetException, end.toString());
                }
                assertEquals(0, BoringLibrary.heldNatively());
            }
        }
    }

    private static Void write(Connection connection, CountDownLatch atWork) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(200_000);
        atWork.countDown();
        while (true) {
            connection.writeFully(bytes.clear(), TEST);
        }
    }

    private static Void read(Connection connection, CountDownLatch atWork) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(100_000);
        atWork.countDown();
        while (true) {
            connection.readFully(bytes.clear(), TEST);
        }
    }

    @Test
    void shouldRefuseUseWhenClosed() throws Exception {
        try (Ends ends = connect()) {
            ends.server().close();
            ByteBuffer bytes = ByteBuffer.allocateDirect(10);
            assertThrows(ClosedChannelException.class, () -> ends.server().readFully(bytes, TEST));
            assertThrows(ClosedChannelException.class, () -> ends.server().writeFully(bytes, TEST));
            assertThrows(ClosedChannelException.class, () -> ends.server().finish());
            assertEquals(Optional.of("CN=client"), ends.server().identity());
        }
    }
}
