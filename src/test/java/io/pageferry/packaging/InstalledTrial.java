package io.pageferry.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.qemu.DirtyingGuest;
import io.pageferry.qemu.Qemu;
import io.pageferry.qemu.QemuVersion;
import io.pageferry.qemu.RealQemu;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.PageferryProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The main job by what users install, with real QEMUs. No {@code *IT}, as {@code scripts/test-package} must have
 * installed it before: {@code PAGEFERRY_INSTALLED} is a folder with one program for each kind of installation.
 */
@RealQemu
@Timeout(120)
class InstalledTrial {
    private static final int CHANNELS = 3;
    private static final DirtyingGuest GUEST = DirtyingGuest.counting();

    /** The JVM does not start where it cannot use the cache. */
    private static final Map<String, String> ONLY_WITH_CACHE = Map.of("PAGEFERRY_JAVA_OPTIONS", "-XX:AOTMode=on");

    @TempDir
    private Path folder;

    static List<Path> programs() throws IOException {
        try (Stream<Path> programs = Files.list(Path.of(System.getenv("PAGEFERRY_INSTALLED")))) {
            return programs.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("programs")
    void shouldTakeAGuestAndBringItBack(Path program) throws Exception {
        Path image = folder.resolve("an image");
        PageferryProcess.Launch pageferry = pageferry(program);
        try (Qemu source = source();
                PageferryProcess receive = pageferry.start(
                        "receive", "--json", "--multifd-channels", CHANNELS, "tcp:127.0.0.1:0", image)) {
            source.migrate(receive.awaitListening());
            assertEquals(
                    "completed",
                    receive.awaitEnd().completed().json().path("status").asString());
            source.awaitMigration("completed");
        }
        assertTrue(Files.size(image) > 0);
        try (Qemu destination =
                Qemu.of(QemuVersion.V10_0, folder).guest(GUEST).incoming().start()) {
            requireBroughtBack(pageferry, destination, "send", image);
        }
    }

    @ParameterizedTest
    @MethodSource("programs")
    void shouldServeAGuestAndSendItOn(Path program) throws Exception {
        Path store = folder.resolve("store");
        UUID uuid = UUID.randomUUID();
        PageferryProcess.Launch pageferry = pageferry(program);
        String socket = "unix:" + folder.resolve("socket");
        try (Qemu source = source("-uuid", uuid.toString());
                PageferryProcess serve = pageferry.start(
                        "serve", "--listen", socket, "--store", store, "--multifd-channels", CHANNELS)) {
            source.enable("validate-uuid").migrate(serve.awaitListening());
            Eventually.until(
                    "end of the migration in " + serve.process(),
                    () -> serve.process().stderr().text().contains("migration ended: "));
            assertTrue(serve.process().stderr().text().contains("status=completed"), serve.process()::toString);
            source.awaitMigration("completed");
            serve.signal("TERM");
            assertEquals(0, serve.process().awaitExit(), serve.process()::toString);
        }
        try (Qemu destination = Qemu.of(QemuVersion.V10_0, folder)
                .guest(GUEST)
                .with("-uuid", uuid.toString())
                .incoming()
                .start()) {
            requireBroughtBack(pageferry, destination, "send", "--store", store, uuid);
        }
    }

    private PageferryProcess.Launch pageferry(Path program) {
        return PageferryProcess.in(folder).program(program).environment(ONLY_WITH_CACHE);
    }

    private Qemu source(String... more) throws Exception {
        Qemu source = Qemu.of(QemuVersion.V10_0, folder).guest(GUEST).with(more).start();
        GUEST.awaitRunning(source);
        return source.enable("multifd", "return-path")
                .set("multifd-channels", CHANNELS)
                .set("downtime-limit", Qemu.AMPLE_DOWNTIME_MILLIS);
    }

    private void requireBroughtBack(PageferryProcess.Launch pageferry, Qemu destination, Object... send)
            throws Exception {
        String where = destination.listen(CHANNELS);
        List<Object> arguments = Stream.concat(
                        Stream.of(send), Stream.of(where, "--json", "--multifd-channels", CHANNELS))
                .toList();
        assertEquals(
                "completed",
                pageferry
                        .run(arguments.toArray())
                        .completed()
                        .json()
                        .path("status")
                        .asString());
        destination.awaitRunState("running");
        GUEST.awaitNextRound(destination);
        destination.stop();
        GUEST.requireConsistent(destination.ram());
    }
}
