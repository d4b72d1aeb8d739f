package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.Eventually;
import io.pageferry.testing.GoldenImage;
import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.Result;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a server takes on itself at the most, as its operator sees it. */
@Timeout(120)
class ServeLimitsIT {
    private static final UUID LIGHT = new UUID(1, 1);
    private static final UUID HEAVY = new UUID(2, 2);

    @TempDir
    private Path folder;

    private PageferryProcess.Launch launch;

    @BeforeEach
    void putAnImageThere() throws IOException {
        launch = PageferryProcess.in(folder);
        GoldenImage.write(folder.resolve("an.img"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    --max-ram=1M              | 2 | max-ram
                    --min-disk-free=1000000T  | 2 | guest must have room on disk: needed=
                    --multifd-channels=2      | 3 | guest refused: channel id must be below multifd-channels
                    """)
    void shouldRefuseAGuestThatIsTooMuch(String limit, int channels, String reason) throws Exception {
        try (PageferryProcess server = serve(launch, limit)) {
            Result end = launch.run("send", "an.img", server.awaitListening(), "--multifd-channels", channels);
            end.failed(1);
            Eventually.until("a reason", () -> logs(server, reason) > 0);
            assertEquals(0, images());
        }
    }

    @Test
    void shouldRefuseAGuestMoreThanThereMayBe() throws Exception {
        try (PageferryProcess server = serve(launch, "--max-migrations=1");
                PageferryProcess first = send(server, LIGHT, "--max-bandwidth=10k")) {
            Eventually.until("a guest", () -> logs(server, "migration began: ") == 1);
            send(server, HEAVY).awaitEnd().failed(1);
            Eventually.until(
                    "a reason",
                    () -> logs(server, "guest refused: migrations at once must be as many as max-migrations") == 1);
            assertTrue(first.process().isAlive());
        }
    }

    @Test
    void shouldRefuseAGuestMoreThanOneHostMayHave() throws Exception {
        try (PageferryProcess server = serve(launch, "--max-migrations=4", "--host-share=0.25");
                PageferryProcess first = send(server, LIGHT, "--max-bandwidth=10k")) {
            Eventually.until("a guest", () -> logs(server, "migration began: ") == 1);
            send(server, HEAVY).awaitEnd().failed(1);
            Eventually.until(
                    "a reason",
                    () -> logs(server, "guest refused: migrations of one host, or one identity, must be host-share")
                            == 1);
            assertTrue(first.process().isAlive());
        }
    }

    @Test
    void shouldRefuseAShareThatIsNone() throws Exception {
        launch.run("serve", "--listen=tcp:127.0.0.1:0", "--store=images", "--host-share=0")
                .failed(2);
    }

    /** Crowds come and go; who is there is served, and who comes later is, too. */
    @Test
    void shouldGoOnWhenItHasNoDescriptorsLeftForAWhile() throws Exception {
        try (PageferryProcess server = serve(launch.wrapper("prlimit", "--nofile=64:64"))) {
            String uri = server.awaitListening();
            int port = Integer.parseInt(uri.substring(uri.lastIndexOf(':') + 1));
            List<SocketChannel> crowd = new ArrayList<>();
            for (int i = 0; i < 80; i++) {
                crowd.add(SocketChannel.open(new InetSocketAddress("127.0.0.1", port)));
            }
            Eventually.until("too many files", () -> logs(server, "Too many open files") > 0);
            for (SocketChannel one : crowd) {
                one.close();
            }
            // They are still being let in and looked at, one after the other. Nobody knows who could not be: so only a
            // guest that says its uuid in its main stream, too, is taken at once.
            Eventually.until(
                    "a guest that is let in",
                    () -> launch.run("send", "an.img", uri, "--uuid", LIGHT, "--validate-uuid")
                                    .code()
                            == 0);
            server.signal("TERM");
            assertEquals(0, server.awaitEnd().code());
        }
        assertEquals(1, images());
    }

    private PageferryProcess serve(PageferryProcess.Launch how, String... limits) throws IOException {
        return how.start(
                Stream.concat(Stream.of("serve", "--listen", "tcp:127.0.0.1:0", "--store", "store"), Stream.of(limits))
                        .toArray());
    }

    private PageferryProcess send(PageferryProcess server, UUID guest, String... more) throws IOException {
        return launch.start(Stream.concat(
                        Stream.of("send", "an.img", server.awaitListening(), "--uuid", guest.toString()),
                        Stream.of(more))
                .toArray());
    }

    private static long logs(PageferryProcess server, String text) {
        return server.process().stderr().lines().stream()
                .filter(line -> line.contains(text))
                .count();
    }

    private long images() throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("store"))) {
            return files.filter(file -> file.toString().endsWith(".img")).count();
        }
    }
}
