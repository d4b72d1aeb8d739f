package io.pageferry.hostile;

import static io.pageferry.hostile.SpoiltSourceTest.requireMatch;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.hostile.Destination.Behaviour;
import io.pageferry.image.Image;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationStatus;
import io.pageferry.session.OutgoingMigration;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.StreamBytes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A destination that breaks off, falls silent or talks nonsense: whoever sends an image to it is told, and lets go of
 * everything.
 */
@LeakFree
@Timeout(60)
class SpoiltDestinationTest {
    private static final Duration PATIENT = Duration.ofSeconds(60);
    private static final Duration STALL = Duration.ofMillis(300);
    private static final long DEADLINE_SECONDS = 10;
    private static final int CHANNELS = 2;
    private static final int SHUT = 1;

    /** More than sockets hold, so that who does not read stops who writes. */
    private static final long GUEST_BYTES = 64L << 20;

    @TempDir
    Path folder;

    private Path image;

    @BeforeEach
    void makeImage() {
        image = folder.resolve("image");
        try (SyntheticGuest guest = new SyntheticGuest(new GuestShape(GUEST_BYTES, 0, 0, 0, 1))) {
            MigrationOutcome made = OutgoingMigration.of(
                            new SyntheticOutgoingGuest(guest),
                            new MigrationUri.ImageFile(image, 0),
                            Optional.empty(),
                            MigrationParameters.defaults())
                    .run();
            assertEquals(MigrationStatus.COMPLETED, made.status(), String.valueOf(made.failure()));
        }
    }

    private static Arguments row(String what, Behaviour behaviour, String line) {
        return Arguments.of(what, behaviour, line);
    }

    static Stream<Arguments> breakingOff() {
        return Stream.of(
                row(
                        "closes all at once",
                        (number, connection) -> {},
                        "destination must answer before it closes (its log says why): main channel awaited=\"SHUT\"*"),
                row(
                        "closes a channel in the middle",
                        (number, connection) -> Destination.read(connection, number == 1 ? 1_000_000 : Long.MAX_VALUE),
                        "connection must not break: channel=* during=\"packet\" reason=\"*\""),
                row(
                        "closes the main channel at the end",
                        (number, connection) -> {
                            Destination.read(connection, number == 0 ? 100 : Long.MAX_VALUE);
                        },
                        "destination must answer before it closes (its log says why): main channel awaited=\"SHUT\"*"),
                row(
                        "says that it failed",
                        (number, connection) -> {
                            if (number == 0) {
                                Destination.write(connection, shut(1));
                            }
                            Destination.readAll(connection);
                        },
                        "destination must take the guest, it says that it failed (its log says why): error=1"),
                row(
                        "says that it is done too soon",
                        (number, connection) -> {
                            if (number == 0) {
                                Destination.write(connection, shut(0));
                            }
                            // The others are not read, so that not all can have been sent.
                            Destination.read(connection, number == 0 ? Long.MAX_VALUE : 64);
                            Destination.keep();
                        },
                        "destination must not be done before all is sent: message=SHUT"),
                row(
                        "answers with something else",
                        (number, connection) -> {
                            if (number == 0) {
                                Destination.write(
                                        connection,
                                        new StreamBytes().u16(99).u16(0).toBytes());
                            }
                            Destination.readAll(connection);
                        },
                        "return path message must be one of a precopy migration: type=99 (unknown)"),
                row(
                        "answers at a length that cannot be",
                        (number, connection) -> {
                            if (number == 0) {
                                Destination.write(
                                        connection,
                                        new StreamBytes().u16(SHUT).u16(65535).toBytes());
                            }
                            Destination.readAll(connection);
                        },
                        "return path message's length must be 4: type=1 length=65535"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("breakingOff")
    void shouldEndWithItsReasonAndLetGoOfAll(String what, Behaviour behaviour, String line) throws Exception {
        try (Destination destination = Destination.start(behaviour)) {
            requireMatch(line, failure(send(destination.uri(), PATIENT)));
        }
    }

    static Stream<Arguments> fallingSilent() {
        return Stream.of(
                row("at once", (number, connection) -> Destination.keep(), "channel=* awaited=\"packet\" *"),
                row(
                        "on one channel",
                        (number, connection) -> {
                            Destination.read(connection, number == 2 ? 500_000 : Long.MAX_VALUE);
                            Destination.keep();
                        },
                        "channel=* awaited=\"packet\" *"),
                row(
                        "where it should say that it has the guest",
                        (number, connection) -> Destination.readAll(connection),
                        "main channel awaited=\"destination's answer\" *"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("fallingSilent")
    void shouldEndAtDeadlineWhenDestinationFallsSilent(String what, Behaviour behaviour, String line) throws Exception {
        try (Destination destination = Destination.start(behaviour)) {
            requireMatch(
                    "peer must not be silent for longer than stall-timeout: " + line,
                    failure(send(destination.uri(), STALL)));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("fallingSilent")
    void shouldBeCancelledWhenInterrupted(String what, Behaviour behaviour, String line) throws Exception {
        CountDownLatch there = new CountDownLatch(1 + CHANNELS);
        Behaviour counted = (number, connection) -> {
            there.countDown();
            behaviour.serve(number, connection);
        };
        try (Destination destination = Destination.start(counted)) {
            Sending sending = send(destination.uri(), PATIENT);
            assertTrue(there.await(DEADLINE_SECONDS, TimeUnit.SECONDS));
            sending.thread.interrupt();
            assertEquals(MigrationStatus.CANCELLED, sending.awaitEnd().status());
        }
    }

    @Test
    void shouldSayWhoIsNotThereWhenNobodyListens() throws Exception {
        MigrationUri free;
        try (ServerSocketChannel listener =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            free = new MigrationUri.Tcp("127.0.0.1", ((InetSocketAddress) listener.getLocalAddress()).getPort());
        }
        assertEquals(
                "destination must accept connections: main channel uri=" + free + " reason=\"Connection refused\"",
                failure(send(free, PATIENT)));
    }

    /** The image was whole when it was opened. */
    @Test
    void shouldSayThatTheImageEndsWhenItWasCutMeanwhile() throws Exception {
        CountDownLatch cut = new CountDownLatch(1);
        Behaviour behaviour = (number, connection) -> {
            if (number == 0) {
                try (FileChannel file = FileChannel.open(image, StandardOpenOption.WRITE)) {
                    file.truncate(GUEST_BYTES / 2);
                }
                cut.countDown();
            }
            try {
                cut.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            Destination.readAll(connection);
        };
        try (Destination destination = Destination.start(behaviour)) {
            requireMatch(
                    "image must not end before its pages do: image=* position=0x* missing=*",
                    failure(send(destination.uri(), PATIENT)));
        }
    }

    static byte[] shut(int error) {
        return new StreamBytes().u16(SHUT).u16(4).u32(error).toBytes();
    }

    private record Sending(Thread thread, CompletableFuture<MigrationOutcome> outcome) {
        MigrationOutcome awaitEnd() throws Exception {
            MigrationOutcome ended = outcome.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
            thread.join();
            return ended;
        }
    }

    private Sending send(MigrationUri uri, Duration stallTimeout) {
        MigrationParameters parameters = MigrationParameters.builder()
                .multifdChannels(CHANNELS)
                .stallTimeout(stallTimeout)
                .build();
        CompletableFuture<MigrationOutcome> outcome = new CompletableFuture<>();
        return new Sending(
                Thread.ofPlatform().name("sending").start(() -> {
                    try (Image opened = Image.open(image, 0, GUEST_BYTES, false)) {
                        outcome.complete(OutgoingMigration.of(opened, uri, Optional.empty(), parameters)
                                .run());
                    } catch (IOException e) {
                        outcome.completeExceptionally(e);
                    }
                }),
                outcome);
    }

    private static String failure(Sending sending) throws Exception {
        MigrationOutcome ended = sending.awaitEnd();
        assertEquals(MigrationStatus.FAILED, ended.status());
        Throwable failure = ended.failure().orElseThrow();
        assertTrue(failure instanceof IOException, String.valueOf(failure));
        assertEquals(1, failure.getMessage().lines().count(), failure.getMessage());
        return failure.getMessage();
    }
}
