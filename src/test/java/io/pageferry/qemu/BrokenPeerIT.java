package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.PageferryProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A QEMU that dies, gives up, or is set up otherwise: one clear line, nothing left behind, and what was there before
 * untouched.
 */
@RealQemu
@LeakFree
@Timeout(120)
class BrokenPeerIT extends SlowMigrationScene {
    /** Of tests that run into it; no other has to wait for it. */
    private static final Duration SHORT_STALL_TIMEOUT = Duration.ofSeconds(1);

    private static final String ENDED = "stream must not end in the middle: ";
    private static final String NO_ANSWER =
            "destination must answer before it closes (its log says why): main channel awaited=\"SHUT\"";
    private static final String SILENT = "peer must not be silent for longer than stall-timeout: ";

    @ParameterizedTest
    @EachQemu
    void shouldKeepOldImageWhenSourceIsKilled(QemuVersion version) throws Exception {
        try (Qemu source = start(version);
                Reception reception = Reception.start(image, parameters(CHANNELS))) {
            beginSlowly(source, reception.uri());
            source.kill();
            requireBeginning(ENDED, reception.awaitFailed());
        }
        requireOldImageOnly();
    }

    @ParameterizedTest
    @EachQemu
    void shouldKeepOldImageWhenSourceCancels(QemuVersion version) throws Exception {
        try (Qemu source = start(version);
                Reception reception = Reception.start(image, parameters(CHANNELS))) {
            beginSlowly(source, reception.uri());
            source.qmp().execute("migrate_cancel");
            requireBeginning(ENDED, reception.awaitFailed());
            source.awaitMigration("cancelled");
            GUEST.awaitNextRound(source);
        }
        requireOldImageOnly();
    }

    @ParameterizedTest(name = "QEMU {0}: source {1}, pageferry {2}")
    @CsvSource({
        "10.0, 2, 4",
        "10.0, 4, 2",
        "10.0, 16, 2",
        "11.1, 2, 4",
        "11.1, 4, 2",
        "7.2, 2, 4",
        "7.2, 4, 2",
        "7.2, 16, 2"
    })
    void shouldNameMultifdChannelsWhenSourceHasOthers(String version, int sourceChannels, int channels)
            throws Exception {
        try (Qemu source = start(QemuVersion.of(version));
                Reception reception = Reception.start(image, parameters(channels))) {
            source.enable("multifd").set("multifd-channels", sourceChannels);
            source.migrate(reception.uri());
            String line = reception.awaitFailed();
            assertTrue(line.contains("multifd-channels"), line);
            // What becomes of the source is its own affair: QEMU 7.2 crashes now and then, if it is still connecting.
        }
        requireOldImageOnly();
    }

    @ParameterizedTest
    @EachQemu
    void shouldFailWhenDestinationIsKilled(QemuVersion version) throws Exception {
        Path guest = guestOf(version);
        try (Qemu destination = destination(version).start();
                Replay replay = Replay.start(
                        guest,
                        destination.listen(CHANNELS),
                        MigrationParameters.builder().maxBandwidth(SLOW).build())) {
            awaitPages(destination);
            destination.kill();
            requireBeginning(NO_ANSWER, replay.awaitFailed());
        }
    }

    @ParameterizedTest
    @EachQemu
    void shouldFailWhenDestinationHasAnotherMachine(QemuVersion version) throws Exception {
        requireRefused(version, destination(version).machine("q35"));
    }

    @ParameterizedTest
    @EachQemu
    void shouldFailWhenDestinationHasLessRam(QemuVersion version) throws Exception {
        requireRefused(version, destination(version).memory(MEMORY_BYTES / 2));
    }

    @ParameterizedTest
    @EachQemu
    void shouldFailWhenDestinationHasMoreRam(QemuVersion version) throws Exception {
        requireRefused(version, destination(version).memory(MEMORY_BYTES * 2));
    }

    @ParameterizedTest
    @EachQemu
    void shouldFailWhenDestinationAwaitsMoreChannels(QemuVersion version) throws Exception {
        Path guest = guestOf(version);
        try (Qemu destination = destination(version).start();
                Replay replay = Replay.start(guest, destination.listen(CHANNELS + 2), parameters(CHANNELS))) {
            requireBeginning(SILENT, replay.awaitFailed());
        }
    }

    @ParameterizedTest
    @EachQemu
    void shouldFailWhenDestinationAwaitsFewerChannels(QemuVersion version) throws Exception {
        Path guest = guestOf(version);
        try (Qemu destination = destination(version).start();
                Replay replay = Replay.start(guest, destination.listen(CHANNELS), parameters(CHANNELS + 2))) {
            // It depends on which come first: one that it does not know makes it end all, others it closes or does not
            // accept.
            String line = replay.awaitFailed();
            assertTrue(
                    Stream.of(
                                    NO_ANSWER,
                                    "connection must not break: channel=",
                                    "destination must not close a channel before all is sent",
                                    SILENT + "channel=")
                            .anyMatch(line::startsWith),
                    line);
        }
    }

    @Test
    void shouldEndWithOneLineWhenSourceIsKilled() throws Exception {
        try (Qemu source = start(QemuVersion.V10_0);
                PageferryProcess receive = PageferryProcess.in(folder).start("receive", "tcp:127.0.0.1:0", image)) {
            beginSlowly(source, MigrationUri.parse(receive.awaitListening()));
            source.kill();
            requireBeginning("pageferry: receive: " + ENDED, receive.awaitEnd().failed(1));
        }
        requireOldImageOnly();
    }

    @Test
    void shouldEndWithOneLineWhenDestinationIsKilled() throws Exception {
        Path guest = guestOf(QemuVersion.V10_0);
        try (Qemu destination = destination(QemuVersion.V10_0).start();
                PageferryProcess send = PageferryProcess.in(folder)
                        .start("send", guest, destination.listen(CHANNELS), "--max-bandwidth", SLOW)) {
            awaitPages(destination);
            destination.kill();
            requireBeginning("pageferry: send: " + NO_ANSWER, send.awaitEnd().failed(1));
        }
    }

    private static MigrationParameters parameters(int channels) {
        return MigrationParameters.builder()
                .multifdChannels(channels)
                .stallTimeout(SHORT_STALL_TIMEOUT)
                .build();
    }

    private void requireRefused(QemuVersion version, Qemu.Builder unlike) throws Exception {
        Path guest = guestOf(version);
        try (Qemu destination = unlike.start();
                Replay replay = Replay.start(guest, destination.listen(CHANNELS), MigrationParameters.defaults())) {
            // Some answer, some only close.
            String line = replay.awaitFailed();
            assertTrue(line.startsWith("destination must ") && line.contains("(its log says why)"), line);
        }
    }

    private static void requireBeginning(String expected, String line) {
        assertTrue(line.startsWith(expected), line);
    }
}
