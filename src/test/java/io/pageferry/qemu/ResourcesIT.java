package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.PageferryProcess;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * What one command takes of the machine does not grow with the guest, and little with its channels: the JVM has 64 MiB
 * of heap and as much beside it.
 */
@RealQemu
@Timeout(300)
class ResourcesIT {
    private static final String[] SMALL_JVM = {"-Xmx64m", "-XX:MaxDirectMemorySize=64m"};
    private static final long LARGE_GUEST_BYTES = 8L << 30;
    private static final int MOST_CHANNELS = 255;

    @TempDir
    Path folder;

    @Test
    void shouldBringBackLargeGuestWithSmallJvm() throws Exception {
        DirtyingGuest guest = DirtyingGuest.countingFrom(0xa000_0000L);
        Path image = folder.resolve("large.image");
        Qemu.Builder qemu = Qemu.of(QemuVersion.of("10.0"), folder)
                .memory(LARGE_GUEST_BYTES)
                .anonymousRam()
                .guest(guest);
        try (Qemu source = qemu.start()) {
            JsonNode received = receive(source, guest, image, 2, "none");
            assertTrue(received.path("ram").path("total").asLong() >= LARGE_GUEST_BYTES);
        }
        try (Qemu destination = qemu.incoming().start()) {
            send(image, destination, 2, "none");
            assertFalse(destination.serial().text().contains("boot"), "has not begun anew");
        }
        try (ImageMemory memory = ImageMemory.load(image)) {
            guest.requireConsistent(memory.ram());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "zlib", "zstd"})
    void shouldBringBackGuestOverMostChannelsWithSmallJvm(String compression) throws Exception {
        DirtyingGuest guest = DirtyingGuest.counting();
        Path image = folder.resolve("guest.image");
        try (Qemu source = Qemu.of(QemuVersion.of("10.0"), folder)
                .anonymousRam()
                .guest(guest)
                .start()) {
            JsonNode received = receive(source, guest, image, MOST_CHANNELS, compression);
            assertEquals(MOST_CHANNELS, received.path("channels").size());
        }
        try (Qemu destination =
                Qemu.of(QemuVersion.of("10.0"), folder).guest(guest).incoming().start()) {
            send(image, destination, MOST_CHANNELS, compression);
            guest.awaitNextRound(destination);
            destination.stop();
            guest.requireConsistent(destination.ram());
        }
    }

    /** Both ends in one process, and both ends' memory, of which none is ever touched. */
    @ParameterizedTest
    @ValueSource(ints = {2, MOST_CHANNELS})
    void shouldMoveLargeGuestFromMemoryToMemoryWithSmallJvm(int channels) throws Exception {
        JsonNode result = small().run(
                        "demo",
                        "--size",
                        LARGE_GUEST_BYTES,
                        "--zero-share",
                        1,
                        "--dirty-rate",
                        0,
                        "--multifd-channels",
                        channels,
                        "--json")
                .completed()
                .json();
        assertEquals("completed", result.path("status").asString());
        assertEquals(LARGE_GUEST_BYTES / 4096, result.path("verified-pages").asLong());
    }

    private PageferryProcess.Launch small() {
        return PageferryProcess.in(folder).flags(SMALL_JVM);
    }

    private JsonNode receive(Qemu source, DirtyingGuest guest, Path image, int channels, String compression)
            throws Exception {
        guest.awaitRunning(source);
        try (PageferryProcess receive = small().start(
                        "receive",
                        "tcp:127.0.0.1:0",
                        image,
                        "--multifd-channels",
                        channels,
                        "--multifd-compression",
                        compression,
                        "--json")) {
            source.enable("multifd", "return-path").set("multifd-channels", channels);
            source.set("multifd-compression", compression).set("downtime-limit", Qemu.AMPLE_DOWNTIME_MILLIS);
            source.migrate(receive.awaitListening());
            JsonNode received = receive.awaitEnd().completed().json();
            source.awaitMigration("completed");
            return received;
        }
    }

    private void send(Path image, Qemu destination, int channels, String compression) throws Exception {
        destination.enable("multifd").set("multifd-channels", channels).set("multifd-compression", compression);
        String uri = destination.migrateIncoming("tcp:127.0.0.1:0");
        JsonNode sent = small().run(
                        "send",
                        image,
                        uri,
                        "--multifd-channels",
                        channels,
                        "--multifd-compression",
                        compression,
                        "--json")
                .completed()
                .json();
        assertEquals("completed", sent.path("status").asString());
        destination.awaitRunState("running");
    }
}
