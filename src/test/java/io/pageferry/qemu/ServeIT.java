package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pageferry.testing.Eventually;
import io.pageferry.testing.PageferryProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One server, one port, guests of several QEMUs. */
@RealQemu
@Timeout(120)
class ServeIT {
    private static final int CHANNELS = 2;
    private static final long GUEST_BYTES = 32L << 20;
    private static final DirtyingGuest GUEST = DirtyingGuest.counting();

    @TempDir
    Path folder;

    private final List<Qemu> sources = new ArrayList<>();
    private PageferryProcess server;
    private String uri;

    @BeforeEach
    void serve() throws IOException {
        server = PageferryProcess.in(folder)
                .start(
                        "serve",
                        "--listen",
                        "tcp:127.0.0.1:0",
                        "--store",
                        folder.resolve("store"),
                        "--multifd-channels",
                        CHANNELS);
        uri = server.awaitListening();
    }

    @AfterEach
    void close() {
        sources.forEach(Qemu::close);
        server.close();
    }

    @Test
    void shouldTakeEightGuestsAtOnceAtOnePortWhenTheySayWhoTheyAre() throws Exception {
        List<UUID> guests = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            UUID uuid = UUID.randomUUID();
            guests.add(uuid);
            start(i % 4 == 3 ? QemuVersion.of("7.2") : QemuVersion.of("10.0"), "-uuid", uuid.toString())
                    .enable("validate-uuid", "return-path");
        }
        for (Qemu source : sources) {
            // Standing still, as nine busy processes would take minutes on two cores.
            GUEST.awaitRunning(source);
            source.stop();
        }
        sources.forEach(source -> source.migrate(uri));
        for (int i = 0; i < sources.size(); i++) {
            sources.get(i).awaitMigration("completed");
            requireImage(guests.get(i).toString(), sources.get(i));
        }
        Eventually.until(
                "the end of all: " + server.process(), () -> count("migration ended: .* status=completed .*") == 8);
    }

    @Test
    void shouldTakeAGuestThatDoesNotSayWhoItIsWhenItIsAlone() throws Exception {
        Qemu source = start(QemuVersion.of("10.0"));
        GUEST.awaitRunning(source);
        source.set("downtime-limit", Qemu.AMPLE_DOWNTIME_MILLIS).migrate(uri);
        source.awaitMigration("completed");
        Eventually.until("end of the migration", () -> count("migration ended: .* status=completed .*") == 1);
        requireImage("unknown", source);
    }

    /** Beside one with channels, whose channels are not taken for its own. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldTakeGuestsWithoutMultifdWithAndWithoutUuid(boolean validates) throws Exception {
        UUID uuid = UUID.randomUUID();
        UUID other = UUID.randomUUID();
        Qemu plain = start(QemuVersion.of("7.2"), "-uuid", uuid.toString()).disable("multifd");
        Qemu beside = start(QemuVersion.of("10.0"), "-uuid", other.toString()).enable("validate-uuid", "return-path");
        if (validates) {
            plain.enable("validate-uuid");
        }
        for (Qemu source : sources) {
            GUEST.awaitRunning(source);
            source.set("downtime-limit", Qemu.AMPLE_DOWNTIME_MILLIS);
        }
        beside.migrate(uri);
        plain.migrate(uri);
        plain.awaitMigration("completed");
        beside.awaitMigration("completed");
        Eventually.until("end of both", () -> count("migration ended: .* status=completed .*") == 2);
        requireImage(validates ? uuid.toString() : "unknown", plain);
        requireImage(other.toString(), beside);
    }

    @Test
    void shouldRefuseGuestsWithAdviceWhenTheirConnectionsCannotBeToldApart() throws Exception {
        for (int i = 0; i < 2; i++) {
            // Under way for longer than it takes the other one to come: the first one's other channels wait for
            // nothing. A source without return-path takes its guest for gone when all fits into its sockets' buffers.
            start(QemuVersion.of("10.0")).enable("return-path");
        }
        Qemu first = sources.get(0);
        first.set("multifd-channels", 1).migrate(uri);
        Eventually.until(
                "the first guest",
                () -> first.queryMigrate().path("status").asString("").equals("active")
                        || first.queryMigrate().path("status").asString("").equals("setup"));
        sources.get(1).set("multifd-channels", 1).migrate(uri);
        for (Qemu source : sources) {
            Eventually.until(
                    "refusal",
                    () -> source.queryMigrate().path("status").asString("").equals("failed"));
        }
        Eventually.until("advice", () -> count("guest refused: .*set validate-uuid in the source.*") > 0);
        try (Stream<Path> files = Files.list(folder.resolve("store"))) {
            assertEquals(
                    List.of(".lock", ".pageferry"),
                    files.map(file -> file.getFileName().toString()).sorted().toList());
        }
    }

    private Qemu start(QemuVersion version, String... more) throws Exception {
        Qemu source = Qemu.of(version, folder)
                .memory(GUEST_BYTES)
                .guest(GUEST)
                .with(more)
                .start();
        sources.add(source);
        source.enable("multifd").set("multifd-channels", CHANNELS);
        return source;
    }

    private long count(String message) {
        return server.process().stderr().lines().stream()
                .filter(line -> line.matches(".* " + message))
                .count();
    }

    /** The guest stands still when it has gone, so that its RAM is what must have come. */
    private void requireImage(String guest, Qemu source) throws IOException {
        try (Stream<Path> images = Files.list(folder.resolve("store").resolve(guest))) {
            List<Path> found =
                    images.filter(file -> file.toString().endsWith(".img")).toList();
            assertEquals(1, found.size(), found.toString());
            try (ImageMemory memory = ImageMemory.load(found.getFirst())) {
                GuestRam.requireSame(source.ram(), memory.ram());
                GUEST.requireConsistent(memory.ram());
            }
        }
    }
}
