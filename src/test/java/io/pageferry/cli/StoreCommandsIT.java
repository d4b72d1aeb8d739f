package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.Eventually;
import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.Result;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Commands for a store's images, out of the packaged jar, with and without a server on the store. */
@Timeout(180)
class StoreCommandsIT extends ServeScene {
    private static final String GUEST = "2f9b7b62-58d5-4a55-8f0f-3b1a3f2d9e22";

    @Test
    void shouldListVerifySendAndRemoveWhatReceiveHasFiled() throws Exception {
        String first = file(GUEST);
        String second = file(GUEST);
        List<String> lines =
                run("list", "--store", "store").completed().stdout().lines().toList();
        assertTrue(lines.getFirst().startsWith(GUEST), lines.toString());
        assertTrue(lines.get(1).strip().startsWith(second + " "), lines.toString());
        assertTrue(lines.get(2).strip().startsWith(first + " "), lines.toString());

        JsonNode inspected =
                run("inspect", "--json", "--store", "store", GUEST).completed().json();
        assertEquals(GUEST, inspected.path("image").asString());
        run("verify", "--store", "store", first).completed();
        run("verify", "--store", "store", first + ".img").completed();
        assertEquals(
                2,
                run("verify", "--json", "--store", "store")
                        .completed()
                        .json()
                        .path("images")
                        .size());

        String refusal = run("remove", "--store", "store", GUEST).failed(ExitCode.USAGE);
        assertTrue(refusal.contains("--yes must be given"), refusal);
        run("remove", "--store", "store", second).completed();
        assertEquals(List.of(first), listed());
        run("remove", "--yes", "--store", "store", GUEST).completed();
        assertEquals(List.of(), listed());
        assertFalse(Files.exists(folder.resolve("store").resolve(GUEST)));
        run("remove", "--yes", "--store", "store", GUEST).failed(ExitCode.FAILED);
    }

    @Test
    void shouldFindADamagedImageInAStore() throws Exception {
        file(GUEST);
        String second = file(GUEST);
        try (RandomAccessFile image =
                new RandomAccessFile(folder.resolve("store/" + second + ".img").toFile(), "rw")) {
            image.setLength(image.length() - 1);
        }
        JsonNode json = run("verify", "--json", "--store", "store").failedWithJson(ExitCode.FAILED);
        assertTrue(json.path("error-desc").asString().contains("damaged=[" + second + "]"), json.toString());
        assertEquals(2, json.path("images").size());
    }

    @Test
    void shouldPruneWhatIsTooMany() throws Exception {
        String first = file(GUEST);
        String second = file(GUEST);
        run("prune", "--store", "store").failed(ExitCode.USAGE);
        JsonNode would = run("prune", "--json", "--dry-run", "--keep", "1", "--store", "store")
                .completed()
                .json();
        assertEquals(first, would.path("removed").path(0).path("image").asString());
        assertEquals(List.of(second, first), listed());
        run("prune", "--keep", "1", "--store", "store").completed();
        assertEquals(List.of(second), listed());
    }

    @Test
    void shouldNotRemoveWhatIsBeingSent() throws Exception {
        String first = file(GUEST);
        String second = file(GUEST);
        List<Socket> taken = new ArrayList<>();
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                PageferryProcess sending =
                        launch.start("send", "--store", "store", first, "tcp:127.0.0.1:" + silent.getLocalPort())) {
            for (int i = 0; i < 3; i++) {
                taken.add(silent.accept());
            }
            String refusal = run("remove", "--store", "store", first).failed(ExitCode.FAILED);
            assertTrue(refusal.contains("image must not be removed while it is read"), refusal);
            JsonNode pruned = run("prune", "--json", "--keep", "1", "--store", "store")
                    .completed()
                    .json();
            assertEquals(first, pruned.path("in-use").path(0).path("image").asString());
            assertEquals(List.of(second, first), listed());
            sending.process().kill();
        } finally {
            for (Socket one : taken) {
                one.close();
            }
        }
        run("remove", "--store", "store", first).completed();
    }

    @Test
    void shouldWorkBesideAServer() throws Exception {
        try (PageferryProcess server =
                launch.start("serve", "--listen", "tcp:127.0.0.1:0", "--store", "store", "--name", GUEST + "=web")) {
            String uri = server.awaitListening();
            launch.run("send", "--uuid", GUEST, "an.img", uri).completed();
            Eventually.until("its image", () -> listed().size() == 1);
            String second = file(GUEST);
            assertEquals(2, listed().size());
            launch.run("send", "--uuid", GUEST, "an.img", uri).completed();
            Eventually.until("its second image", () -> listed().size() == 3);
            assertEquals(second, listed().get(1));
            JsonNode inspected = run("inspect", "--json", "--store", "store", "web")
                    .completed()
                    .json();
            assertEquals("web", inspected.path("image").asString());
            run("remove", "--store", "store", second).completed();
            assertEquals(2, listed().size());
            server.signal("TERM");
            assertEquals(0, server.awaitEnd().code());
        }
    }

    @Test
    void shouldRefuseAStoreAndAnImageAtOnce() throws Exception {
        String line = run("receive", "--store", "store", "tcp:127.0.0.1:0", "another.img")
                .failed(ExitCode.USAGE);
        assertTrue(line.contains("IMAGE or --store must say where the guest is kept"), line);
        run("receive", "tcp:127.0.0.1:0").failed(ExitCode.USAGE);
    }

    private Result run(Object... arguments) throws Exception {
        return launch.run(arguments);
    }

    /** Has one image more in the store; returns its name. */
    private String file(String guest) throws Exception {
        List<String> before = listed();
        try (PageferryProcess receiver =
                launch.start("receive", "--uuid", guest, "--store", "store", "tcp:127.0.0.1:0")) {
            launch.run("send", "--uuid", guest, "an.img", receiver.awaitListening())
                    .completed();
            receiver.awaitEnd().completed();
        }
        List<String> now = new ArrayList<>(listed());
        now.removeAll(before);
        assertEquals(1, now.size(), now.toString());
        return now.getFirst();
    }

    /** All names, newest first. */
    private List<String> listed() {
        try {
            if (!Files.exists(folder.resolve("store"))) {
                return List.of();
            }
            List<String> names = new ArrayList<>();
            run("list", "--json", "--store", "store")
                    .completed()
                    .json()
                    .path("images")
                    .forEach(image -> names.add(image.path("image").asString()));
            return names;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
