package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.Eventually;
import io.pageferry.testing.GoldenImage;
import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.Result;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Ctrl-C and SIGTERM, at any time: one line, nothing left behind, and the other end knows. */
@Timeout(120)
class SignalIT {
    private static final String LOOPBACK = "tcp:127.0.0.1:0";

    /** Less than a packet of pages. */
    private static final int FEW_BYTES = 64 * 1024;

    /** What each channel sends in any case: its initial packet, and most of a SYNC. */
    private static final int BEGINNING_BYTES = 1024;

    /** A second, and what the JVM takes to end on a machine that is busy with other things. */
    private static final Duration AT_ONCE = Duration.ofSeconds(5);

    private static final Set<String> BEFORE = Set.of("an.img", "arrived.img");

    @TempDir
    private Path folder;

    @TempDir
    private Path output;

    private PageferryProcess.Launch launch;
    private byte[] image;

    @BeforeEach
    void putAnImageThereThatIsOld() throws IOException {
        launch = PageferryProcess.in(output).directory(folder);
        image = GoldenImage.bytes();
        Files.write(folder.resolve("an.img"), image);
        Files.writeString(folder.resolve("arrived.img"), "old");
    }

    @ParameterizedTest
    @CsvSource({"INT, 130", "TERM, 143"})
    void shouldBeCancelledWhenItListens(String signal, int code) throws Exception {
        try (PageferryProcess receiver = launch.start("receive", LOOPBACK, "arrived.img")) {
            receiver.awaitListening();
            receiver.signal(signal);
            receiver.awaitEnd().cancelled(code, "receive");
        }
        shouldHaveLeftEverythingAsItWas();
    }

    @Test
    void shouldRemoveItsSocketWhenItIsCancelled() throws Exception {
        try (PageferryProcess receiver = launch.start("receive", "unix:socket", "arrived.img")) {
            receiver.awaitListening();
            assertTrue(Files.exists(folder.resolve("socket")));
            receiver.signal("INT");
            receiver.awaitEnd().cancelled(130, "receive");
        }
        shouldHaveLeftEverythingAsItWas();
    }

    @Test
    void shouldTellScriptsThatItWasCancelled() throws Exception {
        try (PageferryProcess receiver = launch.start("receive", "--json", LOOPBACK, "arrived.img")) {
            receiver.awaitListening();
            receiver.signal("INT");
            Result result = receiver.awaitEnd();
            assertEquals(130, result.code(), result.toString());
            assertEquals("pageferry: receive: cancelled", result.complaint());
            JsonNode json = result.json();
            assertEquals("cancelled", json.get("status").asString());
            assertFalse(json.has("error-desc"), json.toString());
        }
    }

    @ParameterizedTest
    @CsvSource({"INT, 130", "TERM, 143"})
    void shouldGiveUpTheImageAndTellTheSourceWhenTheReceiverIsEnded(String signal, int code) throws Exception {
        try (PageferryProcess receiver = launch.start("receive", LOOPBACK, "arrived.img");
                PageferryProcess sender = startSlowSender(receiver)) {
            awaitPages();
            receiver.signal(signal);
            receiver.awaitEnd().cancelled(code, "receive");
            String line = sender.awaitEnd().failed(1);
            assertTrue(line.startsWith("pageferry: send: "), line);
        }
        shouldHaveLeftEverythingAsItWas();
    }

    @ParameterizedTest
    @CsvSource({"INT, 130", "TERM, 143"})
    void shouldGiveUpTheImageWhenTheSenderIsEnded(String signal, int code) throws Exception {
        try (PageferryProcess receiver = launch.start("receive", LOOPBACK, "arrived.img");
                PageferryProcess sender = startSlowSender(receiver)) {
            awaitPages();
            sender.signal(signal);
            sender.awaitEnd().cancelled(code, "send");
            String line = receiver.awaitEnd().failed(1);
            assertTrue(line.startsWith("pageferry: receive: "), line);
        }
        shouldHaveLeftEverythingAsItWas();
    }

    @Test
    void shouldCloseItsConnectionsWhenItIsCancelledWhileTheDestinationIsSilent() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 3, InetAddress.getLoopbackAddress());
                PageferryProcess sender = launch.start("send", "an.img", "tcp:127.0.0.1:" + silent.getLocalPort());
                Socket main = silent.accept();
                Socket first = silent.accept();
                Socket second = silent.accept()) {
            sender.signal("INT");
            // All of it may be in the sockets by then.
            sender.awaitEnd().cancelledSoonerOrLater(130, "send");
            for (Socket connection : new Socket[] {main, first, second}) {
                connection.setSoTimeout(Math.toIntExact(Eventually.DEADLINE.toMillis()));
                assertTrue(reachesEnd(connection), "connection must be closed");
            }
        }
        shouldHaveLeftEverythingAsItWas();
    }

    /**
     * Nothing that is sent without a copy is waited for past the signal, however little of it the destination takes.
     */
    @ParameterizedTest
    @CsvSource({"INT, 130", "TERM, 143"})
    void shouldEndAtOnceWhenItSendsWithoutCopyingAndTheDestinationHasStoppedReading(String signal, int code)
            throws Exception {
        try (ServerSocket stopped = new ServerSocket()) {
            stopped.setReceiveBufferSize(FEW_BYTES);
            stopped.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 3);
            try (PageferryProcess sender = launch.start(
                            "send", "--json", "--zero-copy-send", "an.img", "tcp:127.0.0.1:" + stopped.getLocalPort());
                    Socket main = stopped.accept();
                    Socket first = stopped.accept();
                    Socket second = stopped.accept()) {
                // No more: which pages go over which channel is not known, nor how many are sent before it stalls.
                first.getInputStream().readNBytes(BEGINNING_BYTES);
                second.getInputStream().readNBytes(BEGINNING_BYTES);
                long begun = System.nanoTime();
                sender.signal(signal);
                Result result = sender.awaitEnd();
                Duration took = Duration.ofNanos(System.nanoTime() - begun);
                assertEquals(code, result.code(), result.toString());
                assertTrue(took.compareTo(AT_ONCE) < 0, "must end at once: took=" + took);
                for (JsonNode channel : result.json().get("channels")) {
                    assertTrue(channel.get("zero-copy-lost-buffers").asInt() <= 1, result.toString());
                }
                for (Socket connection : new Socket[] {main, first, second}) {
                    connection.setSoTimeout(Math.toIntExact(Eventually.DEADLINE.toMillis()));
                    assertTrue(reachesEnd(connection), "connection must be closed");
                }
            }
        }
        shouldHaveLeftEverythingAsItWas();
    }

    @ParameterizedTest
    @CsvSource({"INT, 130", "TERM, 143"})
    void shouldEndTheDemoWhenItIsCancelled(String signal, int code) throws Exception {
        try (PageferryProcess demo = launch.start("demo", "--size", "8M", "--max-bandwidth", "64k")) {
            Eventually.until("demo's connections", () -> sockets(demo) > 8);
            demo.signal(signal);
            demo.awaitEnd().cancelled(code, "demo");
        }
    }

    /**
     * Whenever the signal comes, also when the image is just being put into its place: all that is said fits together.
     */
    @RepeatedTest(5)
    void shouldSayWhatIsTrueWhenTheSignalComesAtTheEnd(RepetitionInfo repetition) throws Exception {
        try (PageferryProcess receiver = launch.start("receive", "--json", LOOPBACK, "arrived.img")) {
            String uri = receiver.awaitListening();
            try (PageferryProcess sender = launch.start("send", "--json", "an.img", uri)) {
                long bytes = image.length * repetition.getCurrentRepetition() / repetition.getTotalRepetitions();
                Eventually.until(
                        "the image's growing", () -> !receiver.process().isAlive() || partBytes() >= bytes);
                if (receiver.process().isAlive()) {
                    receiver.signal("INT");
                }
                Result received = receiver.awaitEnd();
                Result sent = sender.awaitEnd();
                boolean completed = received.code() == 0;
                assertEquals(
                        completed ? "completed" : "cancelled",
                        received.json().get("status").asString());
                assertEquals(completed ? 0 : 130, received.code(), received.toString());
                assertEquals(completed ? 0 : 1, sent.code(), sent.toString());
                if (completed) {
                    assertEquals(Set.of("an.img", "arrived.img", "arrived.img.json"), files());
                    assertTrue(Files.size(folder.resolve("arrived.img")) > 1 << 20);
                } else {
                    shouldHaveLeftEverythingAsItWas();
                }
            }
        }
    }

    private PageferryProcess startSlowSender(PageferryProcess receiver) throws IOException {
        return launch.start("send", "--max-bandwidth", "10k", "an.img", receiver.awaitListening());
    }

    private void awaitPages() {
        Eventually.until("pages in the image", () -> partBytes() > 1 << 20);
    }

    /** How much there is of an image that is not yet one. */
    private long partBytes() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".part"))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    private void shouldHaveLeftEverythingAsItWas() throws IOException {
        assertEquals(BEFORE, files());
        assertEquals("old", Files.readString(folder.resolve("arrived.img")));
        assertArrayEquals(image, Files.readAllBytes(folder.resolve("an.img")));
    }

    private Set<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return new TreeSet<>(
                    files.map(file -> file.getFileName().toString()).toList());
        }
    }

    private static long sockets(PageferryProcess process) throws IOException {
        try (Stream<Path> descriptors =
                Files.list(Path.of("/proc", String.valueOf(process.process().pid()), "fd"))) {
            return descriptors.filter(SignalIT::isSocket).count();
        }
    }

    private static boolean isSocket(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
        } catch (IOException e) {
            return false; // closed in the meantime
        }
    }

    private static boolean reachesEnd(Socket connection) throws IOException {
        try {
            connection.getInputStream().transferTo(OutputStream.nullOutputStream());
            return true;
        } catch (SocketException e) {
            return true; // reset: closed with bytes that nobody had read
        }
    }
}
