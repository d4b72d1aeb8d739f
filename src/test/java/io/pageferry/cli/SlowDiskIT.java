package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.Eventually;
import io.pageferry.testing.GoldenImage;
import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.Result;
import io.pageferry.testing.Slow;
import io.pageferry.testing.SlowFsync;
import io.pageferry.testing.TlsAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two commands, of which one has a disk that takes longer to have the image than the other has patience. Both say the
 * same, or why that cannot be known.
 */
@Timeout(120)
class SlowDiskIT {
    private static final String ANY_PORT = "tcp:127.0.0.1:0";
    private static final String STALL = "2s";
    private static final Duration SLOW = Duration.ofSeconds(5);

    /** For what is ended before the disk is done. */
    private static final Duration VERY_SLOW = Duration.ofSeconds(30);

    private static final String IN_DOUBT =
            " handed-over=\"cannot be known: all was sent, and the destination has not said whether it has the guest\"";

    @TempDir
    private Path folder;

    @TempDir
    private Path library;

    @TempDir
    private Path pki;

    private PageferryProcess.Launch launch;
    private SlowFsync disk;

    @BeforeEach
    void putAnImageThere() throws Exception {
        launch = PageferryProcess.in(folder);
        GoldenImage.write(folder.resolve("an.img"));
        disk = SlowFsync.in(library);
    }

    @Slow
    @ParameterizedTest
    @ValueSource(strings = {"plain", "x509", "psk"})
    void shouldBothHaveCompletedWhenTheDiskIsSlow(String tls) throws Exception {
        Object[] credentials = credentials(tls);
        long begun = System.nanoTime();
        try (PageferryProcess receiver = slow(SLOW).start(with(credentials, "receive", ANY_PORT, "arrived.img"));
                PageferryProcess sender = launch.start(
                        with(credentials, "send", "an.img", receiver.awaitListening(), "--stall-timeout", STALL))) {
            sender.awaitEnd().completed();
            receiver.awaitEnd().completed();
        }
        assertTrue(System.nanoTime() - begun > SLOW.toNanos(), "the disk was slow");
        assertTrue(Files.exists(folder.resolve("arrived.img")));
    }

    /** Whose patience is shorter than a second shows its life the oftener. */
    @Slow
    @Test
    void shouldBothHaveCompletedWhenBothAreImpatient() throws Exception {
        try (PageferryProcess receiver =
                        slow(SLOW).start("receive", ANY_PORT, "arrived.img", "--stall-timeout", "800ms");
                PageferryProcess sender =
                        launch.start("send", "an.img", receiver.awaitListening(), "--stall-timeout", "800ms")) {
            sender.awaitEnd().completed();
            receiver.awaitEnd().completed();
        }
        assertTrue(disk.hasBegun());
    }

    @Test
    void shouldBothHaveCompletedWhenTheStoresDiskIsSlow() throws Exception {
        try (PageferryProcess server = slow(SLOW).start("serve", "--listen", ANY_PORT, "--store", "store");
                PageferryProcess sender =
                        launch.start("send", "an.img", server.awaitListening(), "--stall-timeout", STALL)) {
            sender.awaitEnd().completed();
            Eventually.until("its end", () -> logs(server, "status=completed"));
        }
        assertTrue(disk.hasBegun());
    }

    @Slow
    @Test
    void shouldSayThatItCannotBeKnownWhenTheSenderIsCancelledMeanwhile() throws Exception {
        try (PageferryProcess receiver = slow(SLOW).start("receive", ANY_PORT, "arrived.img");
                PageferryProcess sender = launch.start("send", "an.img", receiver.awaitListening())) {
            disk.awaitBegun();
            sender.signal("TERM");
            Result sent = sender.awaitEnd();
            assertEquals(143, sent.code(), sent.toString());
            assertEquals(
                    "pageferry: send: cancelled: migration must not be cancelled while it is handed over:"
                            + " cancelled=true" + IN_DOUBT,
                    sent.complaint());
            requireKeptOrCompleted(receiver.awaitEnd());
        }
    }

    @Slow
    @Test
    void shouldSayThatItCannotBeKnownWhenTheReceiverIsKilledMeanwhile() throws Exception {
        try (PageferryProcess receiver = slow(VERY_SLOW).start("receive", ANY_PORT, "arrived.img");
                PageferryProcess sender = launch.start("send", "an.img", receiver.awaitListening())) {
            disk.awaitBegun();
            receiver.process().kill();
            String line = sender.awaitEnd().failed(1);
            assertTrue(line.startsWith("pageferry: send: destination must answer before it closes"), line);
            assertTrue(line.endsWith(IN_DOUBT), line);
        }
    }

    /** A receiver that stands still says nothing, and lives: what it does later nobody hears. */
    @Slow
    @Test
    void shouldSayThatItCannotBeKnownWhenTheReceiverShowsNoLife() throws Exception {
        try (PageferryProcess receiver = slow(SLOW).start("receive", ANY_PORT, "arrived.img");
                PageferryProcess sender =
                        launch.start("send", "an.img", receiver.awaitListening(), "--stall-timeout", STALL)) {
            disk.awaitBegun();
            receiver.signal("STOP");
            String line = sender.awaitEnd().failed(1);
            assertTrue(line.contains("awaited=\"destination's answer\""), line);
            assertTrue(line.endsWith(IN_DOUBT), line);
            receiver.signal("CONT");
            requireKeptOrCompleted(receiver.awaitEnd());
        }
    }

    @Test
    void shouldKeepTheImageAndSaySoWhenTheSenderIsKilledMeanwhile() throws Exception {
        try (PageferryProcess receiver = slow(SLOW).start("receive", ANY_PORT, "arrived.img");
                PageferryProcess sender = launch.start("send", "an.img", receiver.awaitListening())) {
            disk.awaitBegun();
            sender.process().kill();
            requireKeptOrCompleted(receiver.awaitEnd());
        }
    }

    /**
     * The disk's waiting cannot be interrupted, but nothing becomes of it: both ends say that the guest was not taken.
     */
    @Slow
    @Test
    void shouldBothSayThatItWasNotTakenWhenTheReceiverIsCancelledMeanwhile() throws Exception {
        try (PageferryProcess receiver = slow(SLOW).start("receive", ANY_PORT, "arrived.img");
                PageferryProcess sender =
                        launch.start("send", "an.img", receiver.awaitListening(), "--stall-timeout", STALL)) {
            disk.awaitBegun();
            receiver.signal("TERM");
            Result received = receiver.awaitEnd();
            Result sent = sender.awaitEnd();
            if (received.code() == 0) {
                sent.completed();
            } else {
                received.cancelled(143, "receive");
                assertTrue(sent.failed(1).contains("says that it failed"), sent.toString());
                assertFalse(Files.exists(folder.resolve("arrived.img")));
            }
        }
    }

    /**
     * Its source has gone by then: it may have heard that the guest is safe, as far as the network has told. Either way
     * the image is there.
     */
    private void requireKeptOrCompleted(Result received) {
        if (received.code() == 0) {
            received.completed();
        } else {
            String line = received.failed(1);
            assertTrue(
                    line.endsWith(" handed-over=\"cannot be known: the guest is kept here, and its source could not be"
                            + " told\""),
                    line);
        }
        assertTrue(Files.exists(folder.resolve("arrived.img")));
    }

    private PageferryProcess.Launch slow(Duration time) {
        return launch.environment(disk.of(time));
    }

    private static Object[] with(Object[] more, Object... command) {
        return Stream.concat(Stream.of(command), Stream.of(more)).toArray();
    }

    private Object[] credentials(String tls) throws IOException {
        List<Object> options = new ArrayList<>();
        if (!tls.equals("plain")) {
            options.addAll(List.of("--tls-creds", pki));
        }
        if (tls.equals("psk")) {
            Files.writeString(pki.resolve("keys.psk"), "qemu:" + "0123456789abcdef".repeat(4) + "\n");
        } else if (tls.equals("x509")) {
            TlsAuthority authority = TlsAuthority.create(pki, "authority");
            authority.writeTo(pki);
            authority.client("CN=client").toClient(pki);
            authority
                    .sign("RSA", "CN=server", "-ext", "san=ip:127.0.0.1", "-ext", "eku=serverAuth")
                    .toServer(pki);
        }
        return options.toArray();
    }

    private static boolean logs(PageferryProcess server, String text) {
        return server.process().stderr().lines().stream().anyMatch(line -> line.contains(text));
    }
}
