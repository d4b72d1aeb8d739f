package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.TlsSettings;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.LeakFree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A migration with a real QEMU is stopped here: QEMU sees it, and a source goes on with its guest. */
@RealQemu
@LeakFree
@Timeout(120)
class StopIT extends SlowMigrationScene {
    private static TlsFolders tls;

    @BeforeAll
    static void makeCredentials() throws IOException {
        tls = TlsFolders.create(shared);
    }

    static Stream<Arguments> versionsAndStops() {
        return Arrays.stream(QemuVersion.values())
                .flatMap(version -> Arrays.stream(Stop.values()).map(stop -> Arguments.of(version, stop)));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("versionsAndStops")
    void shouldLeaveSourceItsGuestWhenStoppedInTheMiddle(QemuVersion version, Stop stop) throws Exception {
        try (Qemu source = start(version);
                Reception reception = Reception.start(image, parameters())) {
            beginSlowly(source, reception.uri());
            stop.requireEnd(reception.stop(stop));
            requireGoesOn(source);
        }
        requireOldImageOnly();
    }

    @ParameterizedTest
    @EnumSource
    void shouldLeaveSourceItsGuestWhenStoppedUnderTls(Stop stop) throws Exception {
        MigrationParameters parameters = MigrationParameters.builder()
                .multifdChannels(CHANNELS)
                .tls(TlsSettings.of(tls.defaultHost()))
                .build();
        Qemu.Builder builder = TlsQemus.x509(Qemu.of(QemuVersion.V10_0, folder), tls.defaultHost(), "client", "");
        try (Qemu source = start(builder);
                Reception reception = Reception.start(image, parameters)) {
            source.set("tls-creds", "tls0");
            beginSlowly(source, reception.uri());
            stop.requireEnd(reception.stop(stop));
            requireGoesOn(source);
        }
        requireOldImageOnly();
    }

    /** A source with fewer channels than there should be has no more to say, and would wait. */
    @ParameterizedTest
    @EnumSource
    void shouldLeaveSourceItsGuestWhenStoppedBeforeTheLastChannel(Stop stop) throws Exception {
        try (Qemu source = start(QemuVersion.V10_0);
                Reception reception = Reception.start(
                        image,
                        MigrationParameters.builder()
                                .multifdChannels(CHANNELS + 1)
                                .build())) {
            source.enable("multifd").set("multifd-channels", CHANNELS).set("max-bandwidth", SLOW);
            source.migrate(reception.uri());
            source.awaitMigration("active");
            stop.requireEnd(reception.stop(stop));
            requireGoesOn(source);
        }
        requireOldImageOnly();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("versionsAndStops")
    void shouldEndDestinationWhenStoppedInTheMiddle(QemuVersion version, Stop stop) throws Exception {
        Path guest = guestOf(version);
        try (Qemu destination = destination(version).start();
                Replay replay = Replay.start(
                        guest,
                        destination.listen(CHANNELS),
                        MigrationParameters.builder()
                                .multifdChannels(CHANNELS)
                                .maxBandwidth(SLOW)
                                .build())) {
            awaitPages(destination);
            stop.requireEnd(replay.stop(stop));
            // Who has no guest has nothing to live for: QEMU says why and exits.
            Eventually.until("end of " + destination, () -> !destination.isAlive());
        }
    }

    private static MigrationParameters parameters() {
        return MigrationParameters.builder().multifdChannels(CHANNELS).build();
    }

    private static void requireGoesOn(Qemu source) {
        source.awaitMigration("failed");
        assertEquals("running", source.runState());
        GUEST.awaitNextRound(source);
    }
}
