package io.pageferry.control.qmp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationUri;
import io.pageferry.net.Connection;
import io.pageferry.net.Listener;
import io.pageferry.net.StallWatch;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.LeakFree;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What becomes of messages for clients that read, and that don't. */
@LeakFree
@Timeout(60)
class OutboxTest {
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final JsonNode HALF_A_MEBIBYTE = QmpJson.object().put("text", "x".repeat(1 << 19));

    @TempDir
    Path folder;

    private Connection ours;
    private SocketChannel client;

    @BeforeEach
    void connect() throws Exception {
        Path socket = folder.resolve("socket");
        try (Listener listener = Listener.open(new MigrationUri.Unix(socket), 1)) {
            client = SocketChannel.open(UnixDomainSocketAddress.of(socket));
            ours = listener.accept(new StallWatch(LONG), "client");
        }
    }

    @AfterEach
    void disconnect() throws IOException {
        ours.close();
        client.close();
    }

    @Test
    void shouldWriteAllThatIsThereWhenItEnds() throws Exception {
        Outbox outbox = new Outbox(ours, LONG);
        outbox.event(QmpJson.object().put("a", 1));
        outbox.answer(Message.of(QmpJson.array().add("é")));
        outbox.end();
        outbox.event(QmpJson.object().put("late", true));
        outbox.answer(Message.of(QmpJson.object().put("late", true)));
        outbox.writeAll();
        ours.close();
        try (BufferedReader reader = new BufferedReader(Channels.newReader(client, StandardCharsets.US_ASCII))) {
            assertEquals(List.of("{\"a\": 1}", "[\"\\u00E9\"]"), reader.lines().toList());
        }
    }

    @Test
    void shouldCloseAClientThatLeavesTooMuchUnread() {
        Outbox outbox = new Outbox(ours, LONG);
        for (int i = 0; i < Outbox.MAX_EVENT_BYTES / (1 << 19) - 1; i++) {
            outbox.event(HALF_A_MEBIBYTE);
        }
        assertFalse(ours.hasPeerLeft());
        outbox.event(HALF_A_MEBIBYTE);
        assertTrue(ours.hasPeerLeft());
        outbox.writeAll(); // and there is nothing left to be written
    }

    @Test
    void shouldMakeAListNoFasterThanItIsTaken() throws Exception {
        Outbox outbox = new Outbox(ours, LONG);
        AtomicLong made = new AtomicLong();
        Iterator<JsonNode> endless = Stream.<JsonNode>generate(() -> {
                    made.incrementAndGet();
                    return QmpJson.object().put("text", "x".repeat(1000));
                })
                .iterator();
        Thread writer = Thread.ofVirtual().start(outbox::writeAll);
        Thread session = Thread.ofVirtual().start(() -> outbox.answer(Message.list(endless, Optional.empty())));
        Eventually.until("a client that takes nothing any more", () -> isBlocked(made));
        assertTrue(made.get() < 10_000, made::toString); // what a socket and a chunk take
        assertTrue(session.isAlive(), "no more commands are read");
        for (int i = 0; i < 100; i++) {
            outbox.event(QmpJson.object().put("event", i)); // nobody waits, and nothing is lost
        }
        assertFalse(ours.hasPeerLeft());
        ours.close();
        writer.join();
        session.join();
    }

    /** Whether nothing is made for a while. */
    private static boolean isBlocked(AtomicLong made) throws InterruptedException {
        long before = made.get();
        return before > 0 && !new CountDownLatch(1).await(200, TimeUnit.MILLISECONDS) && made.get() == before;
    }

    @Test
    void shouldWriteAListWithItsId() throws Exception {
        Outbox outbox = new Outbox(ours, LONG);
        List<JsonNode> elements =
                List.of(QmpJson.object().put("a", 1), QmpJson.object().put("a", 2));
        Thread writer = Thread.ofVirtual().start(outbox::writeAll);
        outbox.answer(
                Message.list(elements.iterator(), Optional.of(QmpJson.array().add(7))));
        outbox.answer(Message.list(elements.subList(0, 0).iterator(), Optional.empty()));
        outbox.end();
        writer.join();
        ours.close();
        try (BufferedReader reader = new BufferedReader(Channels.newReader(client, StandardCharsets.US_ASCII))) {
            assertEquals(
                    List.of("{\"return\": [{\"a\": 1}, {\"a\": 2}], \"id\": [7]}", "{\"return\": []}"),
                    reader.lines().toList());
        }
    }

    @Test
    void shouldCloseAClientWhenAListFailsByAFaultOfOurs() throws Exception {
        Outbox outbox = new Outbox(ours, LONG);
        Thread writer = Thread.ofVirtual().start(outbox::writeAll);
        outbox.answer(Message.list(
                Stream.<JsonNode>generate(() -> {
                            throw new IllegalStateException("a fault of ours");
                        })
                        .iterator(),
                Optional.empty()));
        writer.join();
        assertTrue(ours.hasPeerLeft());
    }

    @Test
    void shouldCloseAClientThatTakesTooLong() {
        Outbox outbox = new Outbox(ours, Duration.ofMillis(50));
        outbox.event(HALF_A_MEBIBYTE);
        outbox.event(HALF_A_MEBIBYTE);
        outbox.writeAll();
        assertTrue(ours.hasPeerLeft());
    }
}
