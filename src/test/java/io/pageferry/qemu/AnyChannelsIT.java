package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.config.MultifdCompression;
import io.pageferry.testing.OddConnectionProxy;
import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.QmpFixture;
import io.pageferry.testing.QmpLines;
import io.pageferry.testing.Slow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A QEMU has whatever number of channels, and nobody has told us; whatever comes of it has no holes. */
@RealQemu
@Timeout(120)
class AnyChannelsIT {
    private static final DirtyingGuest GUEST = DirtyingGuest.counting();
    private static final Duration LATE = Duration.ofSeconds(2);

    @TempDir
    Path folder;

    @ParameterizedTest(name = "QEMU {0}, {1} channels, {2}")
    @CsvSource({"7.2, 5, none", "10.0, 3, none", "11.1, 1, zstd"})
    void shouldTakeAnyNumberOfChannels(String version, int channels, String compression) throws Exception {
        requireTaken(version, channels, compression, -1);
    }

    @Slow
    @ParameterizedTest(name = "QEMU {0}, {1} channels, {2}")
    @CsvSource({
        "7.2, 1, none",
        "7.2, 2, zlib",
        "7.2, 16, none",
        "7.2, 255, none",
        "10.0, 1, none",
        "10.0, 2, zstd",
        "10.0, 16, zlib",
        "10.0, 255, none",
        "11.1, 2, none",
        "11.1, 5, none",
        "11.1, 255, none"
    })
    void shouldTakeEachNumberOfChannels(String version, int channels, String compression) throws Exception {
        requireTaken(version, channels, compression, -1);
    }

    @ParameterizedTest(name = "QEMU {0}, connection {1} is late")
    @CsvSource({"7.2, 4", "10.0, 2"})
    void shouldWaitForAConnectionThatComesLate(String version, int odd) throws Exception {
        requireTaken(version, 4, "none", odd);
    }

    @Slow
    @ParameterizedTest(name = "QEMU {0}, connection {1} is late")
    @CsvSource({"7.2, 0", "7.2, 1", "7.2, 3", "10.0, 0", "10.0, 1", "10.0, 4", "11.1, 1", "11.1, 3", "11.1, 4"})
    void shouldWaitForEachConnectionThatComesLate(String version, int odd) throws Exception {
        requireTaken(version, 4, "none", odd);
    }

    @ParameterizedTest(name = "QEMU {0}, connection {1} is lost")
    @CsvSource({"7.2, 4", "10.0, 4"})
    void shouldRefuseGuestWhenAConnectionIsLost(String version, int odd) throws Exception {
        requireRefused(version, odd);
    }

    @Slow
    @ParameterizedTest(name = "QEMU {0}, connection {1} is lost")
    @CsvSource({"7.2, 1", "7.2, 2", "10.0, 1", "10.0, 3", "11.1, 1", "11.1, 2", "11.1, 4"})
    void shouldRefuseGuestWhenAnyConnectionIsLost(String version, int odd) throws Exception {
        requireRefused(version, odd);
    }

    @Test
    void shouldTakeAnyNumberOfChannelsOnTheCommandLine() throws Exception {
        Path image = folder.resolve("image");
        try (Qemu source = start("10.0");
                PageferryProcess receive = PageferryProcess.in(folder).start("receive", "tcp:127.0.0.1:0", image)) {
            prepare(source, 3).migrate(receive.awaitListening());
            receive.awaitEnd().completed();
            requireArrived(source, image);
        }
    }

    /** Only where it was set, the number is a demand. */
    @Test
    void shouldTakeAnyNumberOfChannelsOverQmp() throws Exception {
        try (QmpFixture house = QmpFixture.open(folder);
                Qemu source = start("10.0");
                QmpLines monitor = QmpLines.negotiated(house.monitor())) {
            monitor.obey(
                    "migrate-set-capabilities",
                    "{\"capabilities\": [{\"capability\": \"events\", \"state\": true},"
                            + " {\"capability\": \"multifd\", \"state\": true}]}");
            monitor.obey("migrate-incoming", "{\"uri\": \"tcp:127.0.0.1:0\"}");
            var address =
                    monitor.obey("query-migrate", "{}").path("socket-address").path(0);
            prepare(source, 5).migrate("tcp:127.0.0.1:" + address.path("port").asString());
            source.awaitMigration("completed");
            monitor.eventsUntil("completed");
        }
    }

    private Qemu start(String version) throws Exception {
        Qemu source = Qemu.of(QemuVersion.of(version), folder).guest(GUEST).start();
        GUEST.awaitRunning(source);
        return source;
    }

    private static Qemu prepare(Qemu source, int channels) {
        return source.enable("multifd", "return-path")
                .set("multifd-channels", channels)
                .set("downtime-limit", Qemu.AMPLE_DOWNTIME_MILLIS);
    }

    private static MigrationParameters.Builder any() {
        return MigrationParameters.builder().maxMultifdChannels(MigrationParameters.MAX_MULTIFD_CHANNELS);
    }

    private void requireTaken(String version, int channels, String compression, int odd) throws Exception {
        Path image = folder.resolve("image");
        MigrationParameters parameters = any().compression(
                        MultifdCompression.valueOf(compression.toUpperCase(Locale.ROOT)))
                .build();
        try (Qemu source = start(version);
                Reception reception = Reception.start(image, parameters);
                OddConnectionProxy proxy = OddConnectionProxy.to(reception.uri(), odd, LATE)) {
            MigrationUri uri = odd < 0 ? reception.uri() : proxy.uri();
            prepare(source, channels).set("multifd-compression", compression).migrate(uri);
            reception.awaitCompleted();
            source.awaitMigration("completed");
            requireArrived(source, image);
        }
    }

    private static void requireArrived(Qemu source, Path image) throws Exception {
        try (ImageMemory memory = ImageMemory.load(image)) {
            GuestRam.requireSame(source.ram(), memory.ram());
            GUEST.requireConsistent(memory.ram());
        }
    }

    private void requireRefused(String version, int odd) throws Exception {
        Path image = folder.resolve("image");
        MigrationParameters parameters =
                any().stallTimeout(Duration.ofSeconds(2)).build();
        try (Qemu source = start(version)) {
            try (Reception reception = Reception.start(image, parameters);
                    OddConnectionProxy proxy = OddConnectionProxy.to(reception.uri(), odd, OddConnectionProxy.NEVER)) {
                prepare(source, 4).migrate(proxy.uri());
                String line = reception.awaitFailed();
                assertTrue(line.contains("another channel, of which packets are missing"), line);
            }
            // Not before: it may still wait for somebody to read what it has sent on the connection that is lost.
            source.awaitMigration("failed");
            GUEST.awaitNextRound(source);
            assertTrue(Files.notExists(image));
        }
    }
}
