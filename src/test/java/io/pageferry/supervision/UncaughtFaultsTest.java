package io.pageferry.supervision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.supervision.Faults.Place;
import io.pageferry.testing.ChildProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What systemd sees of a process that could only go on half alive. */
@Timeout(90)
class UncaughtFaultsTest {
    @TempDir
    Path folder;

    /** The process's main thread waits for ever, as a server's does. */
    public static final class Server {
        private Server() {}

        public static void main(String[] how) throws Exception {
            UncaughtFaults.install();
            switch (how[0]) {
                case "platform" -> Thread.ofPlatform().daemon().start(Server::fail);
                case "virtual" -> Thread.ofVirtual().start(Server::fail);
                case "timer" ->
                    new Timer(true)
                            .schedule(
                                    new TimerTask() {
                                        @Override
                                        public void run() {
                                            fail();
                                        }
                                    },
                                    0);
                case "loop" ->
                    Loop.start(Place.ACCEPT, "loop", () -> {
                        throw new StackOverflowError("injected");
                    });
                case "memory" -> Thread.ofPlatform().start(Server::hoard);
                default -> throw new IllegalArgumentException(how[0]);
            }
            new CountDownLatch(1).await();
        }

        private static void fail() {
            throw new NoClassDefFoundError("injected");
        }

        private static void hoard() {
            List<long[]> hoard = new ArrayList<>();
            for (int length = 1 << 20; ; length = Math.max(1, length / 2)) {
                try {
                    while (true) {
                        hoard.add(new long[length]);
                    }
                } catch (OutOfMemoryError e) {
                    if (length == 1) {
                        throw e; // with nothing left at all: all that was hoarded is still there
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"platform", "virtual", "timer", "loop", "memory"})
    void shouldEndTheProcessWithItsOwnExitCodeWhenAThreadEndsByAFault(String how) throws Exception {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx32m",
                "-cp",
                System.getProperty("java.class.path"),
                Server.class.getName(),
                how);
        try (ChildProcess process = ChildProcess.start("server", folder, command)) {
            assertEquals(UncaughtFaults.EXIT_CODE, process.awaitExit(), process::toString);
            if (!how.equals("memory")) { // where nothing is left, there may be no line
                assertTrue(
                        (process.stdout().text() + process.stderr().text())
                                .contains("process ends, as it could not go on whole: "),
                        process::toString);
            }
        }
    }
}
