package io.pageferry.control.qmp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationUri;
import io.pageferry.net.Connection;
import io.pageferry.net.Listener;
import io.pageferry.net.StallWatch;
import io.pageferry.testing.LeakFree;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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
        outbox.put(QmpJson.object().put("a", 1));
        outbox.put(QmpJson.array().add("é"));
        outbox.end();
        outbox.put(QmpJson.object().put("late", true));
        outbox.writeAll();
        ours.close();
        try (BufferedReader reader = new BufferedReader(Channels.newReader(client, StandardCharsets.US_ASCII))) {
            assertEquals(List.of("{\"a\": 1}", "[\"\\u00E9\"]"), reader.lines().toList());
        }
    }

    @Test
    void shouldCloseAClientThatLeavesTooMuchUnread() {
        Outbox outbox = new Outbox(ours, LONG);
        for (int i = 0; i < Outbox.MAX_WAITING_BYTES / (1 << 19) - 1; i++) {
            outbox.put(HALF_A_MEBIBYTE);
        }
        assertFalse(ours.hasPeerLeft());
        outbox.put(HALF_A_MEBIBYTE);
        assertTrue(ours.hasPeerLeft());
        outbox.writeAll(); // and there is nothing left to be written
    }

    @Test
    void shouldCloseAClientThatTakesTooLong() {
        Outbox outbox = new Outbox(ours, Duration.ofMillis(50));
        outbox.put(HALF_A_MEBIBYTE);
        outbox.put(HALF_A_MEBIBYTE);
        outbox.writeAll();
        assertTrue(ours.hasPeerLeft());
    }
}
