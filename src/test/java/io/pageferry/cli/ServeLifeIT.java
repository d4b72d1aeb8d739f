package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.Eventually;
import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A server as its operators see it: how it is told what to do, how it ends, and what it finds when it was killed. */
@Timeout(120)
class ServeLifeIT extends ServeScene {
    private static final String LOOPBACK = "tcp:127.0.0.1:0";
    private static final String SLOW = "10k";

    @Test
    void shouldFinishWhatIsUnderWayAndTakeNothingNewWhenItIsTerminated() throws Exception {
        try (PageferryProcess server = serve()) {
            String uri = server.awaitListening();
            try (PageferryProcess sender = send("100k", uri)) {
                awaitPages();
                server.signal("TERM");
                Eventually.until("its draining", () -> says(server, "server ends: running=1"));
                assertEquals(1, launch.run("send", "an.img", uri).code());
                sender.awaitEnd().completed();
            }
            Result end = server.awaitEnd();
            assertEquals(0, end.code(), end.toString());
        }
        assertEquals(1, images().size());
        assertEquals(0, partBytes());
    }

    @Test
    void shouldCutOffWhatIsUnderWayWhenItIsTerminatedTwice() throws Exception {
        try (PageferryProcess server = serve();
                PageferryProcess sender = send(SLOW, server.awaitListening())) {
            awaitPages();
            server.signal("TERM");
            Eventually.until("its draining", () -> says(server, "server ends: running=1"));
            server.signal("TERM");
            assertEquals(130, server.awaitEnd().code());
            sender.awaitEnd().failed(1);
        }
        requireNothing();
    }

    @Test
    void shouldCutOffWhatTakesLongerThanItMayWhenItIsTerminated() throws Exception {
        try (PageferryProcess server = serve("--drain-timeout", "100ms");
                PageferryProcess sender = send(SLOW, server.awaitListening())) {
            awaitPages();
            server.signal("TERM");
            Result end = server.awaitEnd();
            assertEquals(0, end.code(), end.toString());
            assertTrue(end.stderr().contains("migrations must end within drain-timeout: running=1"), end.toString());
            sender.awaitEnd().failed(1);
        }
        requireNothing();
    }

    @Test
    void shouldCleanUpAfterItselfWhenItWasKilled() throws Exception {
        try (PageferryProcess server = serve()) {
            String uri = server.awaitListening();
            launch.run("send", "an.img", uri).completed();
            try (PageferryProcess _ = send(SLOW, uri)) {
                awaitPages();
                server.signal("KILL");
                server.process().awaitExit();
            }
        }
        List<Path> complete = images();
        assertEquals(1, complete.size());
        assertTrue(partBytes() > 0);
        try (PageferryProcess server = serve()) {
            server.awaitListening();
            assertTrue(
                    says(server, "partial image removed: image=unknown/."),
                    server.process().toString());
            assertTrue(
                    says(server, "images=1 partialImagesRemoved=1"),
                    server.process().toString());
        }
        assertEquals(complete, images());
        assertEquals(0, partBytes());
    }

    @Test
    void shouldDoWhatItsFileSaysButForWhatTheCommandLineSays() throws Exception {
        Files.writeString(folder.resolve("serve.json"), """
                {"listen": ["%s", "unix:socket"], "store": "elsewhere", "multifd-channels": 3, "direct-io": false}
                """.formatted(LOOPBACK));
        try (PageferryProcess server = launch.start("serve", "--config", "serve.json", "--store", "store")) {
            server.awaitListening();
            Eventually.until("its socket", () -> says(server, "listening on unix:socket"));
            launch.run("send", "an.img", "unix:socket", "--multifd-channels", 3).completed();
            server.signal("INT");
            assertEquals(0, server.awaitEnd().code());
        }
        assertEquals(1, images().size());
        assertFalse(Files.exists(folder.resolve("elsewhere")));
        assertFalse(Files.exists(folder.resolve("socket")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
                    [1]                       | config must be a JSON object
                    {                         | config must be JSON: value=serve.json line=1 column=
                    {"listen": {"port": 1}}   | config's members must be
                    {"colour": "blue"}        | option must be one there is: option=--colour
                    {"keep": -1}              | --keep must be 0 at least
                    """)
    void shouldRefuseAFileThatIsWrong(String text, String reason) throws Exception {
        Files.writeString(folder.resolve("serve.json"), text);
        Result end = launch.run("serve", "--config=serve.json", "--store", "store", "--listen", LOOPBACK);
        String line = end.failed(2);
        assertTrue(line.contains(reason), line);
    }

    @Test
    void shouldGoOnWhenItIsToldToReadItsCredentialsAgain() throws Exception {
        try (PageferryProcess server = serve()) {
            String uri = server.awaitListening();
            server.signal("HUP");
            Eventually.until("its reading", () -> says(server, "credentials read again"));
            launch.run("send", "an.img", uri).completed();
        }
        assertEquals(1, images().size());
    }

    private PageferryProcess serve(Object... more) throws IOException {
        return launch.start(Stream.concat(Stream.of("serve", "--listen", LOOPBACK, "--store", "store"), Stream.of(more))
                .toArray());
    }

    private PageferryProcess send(String bandwidth, String uri) throws IOException {
        return launch.start("send", "--max-bandwidth", bandwidth, "an.img", uri);
    }

    private static boolean says(PageferryProcess server, String text) {
        return server.process().stderr().text().contains(text);
    }

    private void awaitPages() {
        Eventually.until("pages in the image", () -> partBytes() > 1 << 20);
    }

    private void requireNothing() throws IOException {
        assertEquals(List.of(), images());
        assertEquals(0, partBytes());
    }

    private List<Path> images() throws IOException {
        return files(".img");
    }

    private long partBytes() throws IOException {
        return files(".part").stream().mapToLong(file -> file.toFile().length()).sum();
    }

    private List<Path> files(String suffix) throws IOException {
        Path guest = folder.resolve("store").resolve("unknown");
        if (!Files.exists(guest)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(guest)) {
            return files.filter(file -> file.toString().endsWith(suffix)).toList();
        }
    }
}
