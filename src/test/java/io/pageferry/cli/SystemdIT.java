package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.Eventually;
import io.pageferry.testing.GoldenImage;
import io.pageferry.testing.NotifySocket;
import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.Result;
import io.pageferry.testing.SocketActivator;
import io.pageferry.testing.SocketActivator.How;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A server as systemd's service, with this test as systemd. */
@Timeout(120)
class SystemdIT {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldSayWhenItIsReadyWhenItReloadsAndWhenItEnds(boolean abstractName) throws Exception {
        String name = (abstractName ? "@" : "") + folder.resolve("notify");
        try (NotifySocket systemd = NotifySocket.open(name);
                PageferryProcess server = PageferryProcess.in(folder)
                        .environment(Map.of("NOTIFY_SOCKET", name))
                        .start(serve())) {
            systemd.await("READY=1\n");
            server.awaitListening();
            assertEquals(1, systemd.heard().size());
            systemd.forget();
            long before = System.nanoTime() / 1000;
            server.signal("HUP");
            String reloading = systemd.await("RELOADING=1\nMONOTONIC_USEC=");
            long began = Long.parseLong(reloading.substring(reloading.lastIndexOf('=') + 1));
            assertTrue(before <= began && began <= System.nanoTime() / 1000, reloading);
            systemd.await("READY=1\n");
            server.signal("TERM");
            String stopping = systemd.await("STOPPING=1\n");
            assertTrue(stopping.endsWith("\nEXTEND_TIMEOUT_USEC=90000000"), stopping);
            assertEquals(0, server.awaitEnd().code());
            assertEquals(3, systemd.heard().size(), systemd.heard().toString());
        }
    }

    @Test
    void shouldEndWhenSystemdDoesNotListen() throws Exception {
        String name = folder.resolve("notify").toString();
        try (NotifySocket systemd = NotifySocket.open(name)) {
            systemd.fill();
            try (PageferryProcess server = PageferryProcess.in(folder)
                    .environment(Map.of("NOTIFY_SOCKET", name))
                    .start(serve())) {
                server.awaitListening();
                server.signal("TERM");
                Result end = server.awaitEnd();
                assertEquals(0, end.code(), end.toString());
                assertTrue(end.stderr().contains("systemd must take what it is told"), end.toString());
            }
        }
    }

    @Test
    void shouldSayAgainAndAgainThatAllIsWellWhenItIsAsked() throws Exception {
        String name = folder.resolve("notify").toString();
        try (NotifySocket systemd = NotifySocket.open(name);
                PageferryProcess _ = PageferryProcess.in(folder)
                        .environment(Map.of("NOTIFY_SOCKET", name, "WATCHDOG_USEC", "20000"))
                        .start(serve())) {
            Eventually.until(
                    "three signs of life",
                    () -> systemd.heard().stream().filter("WATCHDOG=1"::equals).count() >= 3);
        }
    }

    @Test
    void shouldNotSayThatAllIsWellWhenAnotherProcessIsAsked() throws Exception {
        String name = folder.resolve("notify").toString();
        try (NotifySocket systemd = NotifySocket.open(name);
                PageferryProcess server = PageferryProcess.in(folder)
                        .environment(Map.of("NOTIFY_SOCKET", name, "WATCHDOG_USEC", "1000", "WATCHDOG_PID", "1"))
                        .start(serve())) {
            systemd.await("READY=1\n");
            server.signal("TERM");
            assertEquals(0, server.awaitEnd().code());
            assertFalse(systemd.heard().contains("WATCHDOG=1"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldTakeGuestsInAtTheSocketThatItIsGiven(How how) throws Exception {
        GoldenImage.write(folder.resolve("an.img"));
        PageferryProcess.Launch launch = PageferryProcess.in(folder);
        try (PageferryProcess server = launch.wrapper(SocketActivator.command(how, 1))
                .start("serve", "--store", "store", "--json", "--listen-inherited")) {
            String uri = server.awaitListening();
            launch.run("send", "an.img", uri).completed();
            server.signal("TERM");
            Result end = server.awaitEnd();
            assertEquals(0, end.code());
            // What is said and answered after the socket has been let go of.
            assertTrue(end.stderr().contains("server ends: running=0"), end.toString());
            assertTrue(end.stdout().contains("\"drained\""), end.toString());
        }
    }

    @Test
    void shouldRefuseSeveralSockets() throws Exception {
        Result end = PageferryProcess.in(folder)
                .wrapper(SocketActivator.command(How.LISTEN_FDS, 2))
                .run("serve", "--store", "store", "--listen-inherited");
        String line = end.failed(1);
        assertTrue(line.contains("socket to inherit must be one") && line.endsWith("LISTEN_FDS=2"), line);
    }

    @Test
    void shouldRefuseToInheritASocketThatThereIsNot() throws Exception {
        // Those of another process, which has been so careless as to leave its environment to us.
        Result end = PageferryProcess.in(folder)
                .environment(Map.of("LISTEN_FDS", "1", "LISTEN_PID", "1"))
                .run("serve", "--store", "store", "--listen-inherited");
        String line = end.failed(1);
        assertTrue(line.contains("socket to inherit must be there and listen"), line);
    }

    private static Object[] serve() {
        return new Object[] {"serve", "--store", "store", "--listen", "tcp:127.0.0.1:0"};
    }
}
