package io.pageferry.session;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.checkpoint.CheckpointVerifier;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.config.MultifdCompression;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.image.Image;
import io.pageferry.image.ImageException;
import io.pageferry.image.PendingImage;
import io.pageferry.net.Listener;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceStatePiece;
import io.pageferry.testing.LeakFree;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Device state beside RAM, from one pageferry to another: over channels with pages between it, into images, and on. */
@LeakFree
@Timeout(120)
class DeviceStateMigrationTest {
    private static final long MIB = 1L << 20;

    @TempDir
    Path folder;

    private SyntheticGuest ram;

    @BeforeEach
    void makeRam() {
        ram = new SyntheticGuest(new GuestShape(32 * MIB, 20 * MIB, 0.3, 0.5, 1));
    }

    @AfterEach
    void freeRam() {
        ram.close();
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "4, 1", "4, 3", "2, 20", "16, 5"})
    void shouldBringAllOfItOverFromALiveGuest(int channels, int devices) throws Exception {
        GuestWithDevices guest = GuestWithDevices.of(new SyntheticOutgoingGuest(ram), devices, 12, 1_500_000 / devices);
        ram.start();
        try (MemoryDestination destination = new MemoryDestination()) {
            migrate(guest, destination, parameters(channels).build());
            assertEquals(
                    GuestWithDevices.contents(guest.devices()), GuestWithDevices.contents(destination.deviceState()));
            assertEquals(
                    -1,
                    ram.memory()
                            .region(ram.memory().layout().block(0))
                            .segment()
                            .mismatch(destination
                                    .memory()
                                    .region(destination.memory().layout().block(0))
                                    .segment()));
        }
    }

    @Test
    void shouldKeepItWithTheImageAndSendItOn() throws Exception {
        GuestWithDevices guest = GuestWithDevices.of(new SyntheticOutgoingGuest(ram), 5, 10, 900_000);
        Path received = folder.resolve("received");
        MigrationParameters parameters = parameters(3).build();
        try (CheckpointDestination destination =
                CheckpointDestination.of(PendingImage.at(received, parameters.directIo()), parameters)) {
            migrate(guest, destination, parameters);
        }
        Path copied = folder.resolve("copied");
        try (Image image = Image.open(received, 0, Long.MAX_VALUE, false)) {
            assertTrue(image.configuration().hasCapability(Configuration.DEVICE_STATE));
            requireKept(guest, image);
            requireCompleted(
                    OutgoingMigration.of(image, new MigrationUri.ImageFile(copied, 0), Optional.empty(), parameters)
                            .run());
        }
        Path again = folder.resolve("again");
        try (CheckpointDestination destination =
                CheckpointDestination.of(PendingImage.at(again, parameters.directIo()), parameters)) {
            requireCompleted(
                    IncomingMigration.from(Image.open(copied, 0, Long.MAX_VALUE, false), parameters, destination)
                            .run());
        }
        try (Image image = Image.open(again, 0, Long.MAX_VALUE, false);
                MemoryDestination destination = new MemoryDestination()) {
            requireKept(guest, image);
            migrate(
                    listener -> OutgoingMigration.of(image, listener, Optional.empty(), parameters),
                    destination,
                    parameters);
            assertEquals(
                    GuestWithDevices.contents(guest.devices()), GuestWithDevices.contents(destination.deviceState()));
            assertFalse(destination.guest().configuration().hasCapability(Configuration.DEVICE_STATE));
        }
    }

    private static void requireKept(GuestWithDevices guest, Image image) throws Exception {
        assertEquals(
                GuestWithDevices.contents(guest.devices()), GuestWithDevices.contents(image.deviceStateBesideRam()));
        assertEquals(
                guest.devices().pieces().stream()
                        .mapToLong(DeviceStatePiece::lengthBytes)
                        .sum(),
                CheckpointVerifier.verify(image).bytesBesideRam());
    }

    @Test
    void shouldMakeAnImageLikeAnyOtherWhenThereIsNone() throws Exception {
        Path path = folder.resolve("image");
        try (CheckpointDestination destination = CheckpointDestination.of(
                PendingImage.at(path, false), parameters(2).build())) {
            migrate(new SyntheticOutgoingGuest(ram), destination, parameters(2).build());
        }
        try (Image image = Image.open(path, 0, Long.MAX_VALUE, false)) {
            assertFalse(image.configuration().hasCapability(Configuration.DEVICE_STATE));
            assertEquals(0, image.deviceStateBesideRam().pieces().size());
        }
    }

    @Test
    void shouldRefuseToSendItBesideRamThatIsCompressed() throws Exception {
        GuestWithDevices guest = GuestWithDevices.of(new SyntheticOutgoingGuest(ram), 1, 1, 10);
        MigrationOutcome outcome = OutgoingMigration.of(
                        guest,
                        new MigrationUri.Tcp("127.0.0.1", 1),
                        Optional.empty(),
                        parameters(1).compression(MultifdCompression.ZSTD).build())
                .run();
        assertEquals(
                "device state must not go beside RAM that is compressed, set multifd-compression to none:"
                        + " multifd-compression=zstd",
                outcome.failure().orElseThrow().getMessage());
    }

    /** The threads that hand it over are wherever they are then; nothing is left of them. */
    @ParameterizedTest
    @CsvSource({"1, true", "3000000, true", "20000000, true", "3000000, false", "20000000, false"})
    void shouldLeaveNothingWhenAnEndIsCancelledInTheMiddle(long bytes, boolean sender) throws Exception {
        GuestWithDevices guest = GuestWithDevices.of(new SyntheticOutgoingGuest(ram), 8, 16, 500_000);
        MigrationParameters slow = parameters(3).maxBandwidth(60 * MIB).build();
        try (MemoryDestination destination = new MemoryDestination()) {
            Listener listener = Listener.open(new MigrationUri.Tcp("127.0.0.1", 0), 4);
            IncomingMigration incoming = IncomingMigration.from(listener, Optional.empty(), slow, destination);
            OutgoingMigration outgoing = OutgoingMigration.of(guest, listener.uri(), Optional.empty(), slow);
            CompletableFuture<MigrationOutcome> received = new CompletableFuture<>();
            CompletableFuture<MigrationOutcome> sent = new CompletableFuture<>();
            Thread receiving = Thread.ofVirtual().start(() -> received.complete(incoming.run()));
            Thread sending = Thread.ofVirtual().start(() -> sent.complete(outgoing.run()));
            await().until(() -> outgoing.progress().stats().transferredBytes() >= bytes);
            (sender ? sending : receiving).interrupt();
            assertEquals(
                    MigrationStatus.CANCELLED, (sender ? sent : received).get().status());
            assertEquals(
                    MigrationStatus.FAILED, (sender ? received : sent).get().status());
            sending.join();
            receiving.join();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "8, image with device state beside RAM must end with its trailer: ",
        "32, image with device state beside RAM must end with its trailer: ",
        "100, image with device state beside RAM must end with its trailer: "
    })
    void shouldRefuseImageWhenItsEndIsMissing(int missingBytes, String line) throws Exception {
        Path path = image();
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(file.length() - missingBytes);
        }
        assertTrue(refusal(path).startsWith(line), refusal(path));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1, device state that was kept must be packets as on a wire: ",
        "272, 0, device state that was kept must be packets as on a wire: ",
        "272, 2147483647, device state that was kept must be packets as on a wire: ",
        "272, 4000, device state * must *"
    })
    void shouldRefuseImageWhenAPacketIsNone(int field, int value, String line) throws Exception {
        Path path = image();
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.seek(file.length() - 2 * Long.BYTES);
            long start = file.readLong();
            file.seek(start + field);
            file.writeInt(value);
        }
        String refusal = refusal(path);
        assertTrue(refusal.startsWith(line.replaceFirst(" \\*.*", "")), refusal);
    }

    private Path image() throws Exception {
        Path path = folder.resolve("image");
        GuestWithDevices guest = GuestWithDevices.of(new SyntheticOutgoingGuest(ram), 2, 2, 1000);
        requireCompleted(OutgoingMigration.of(
                        guest,
                        new MigrationUri.ImageFile(path, 0),
                        Optional.empty(),
                        parameters(1).build())
                .run());
        assertTrue(Files.size(path) > 0);
        return path;
    }

    private static String refusal(Path path) {
        IOException refusal = assertThrows(
                IOException.class,
                () -> Image.open(path, 0, Long.MAX_VALUE, false).close());
        assertTrue(refusal instanceof ImageException || refusal instanceof io.pageferry.stream.StreamException);
        return refusal.getMessage();
    }

    private static MigrationParameters.Builder parameters(int channels) {
        return MigrationParameters.builder().multifdChannels(channels);
    }

    private static void migrate(
            io.pageferry.send.OutgoingGuest guest, Destination destination, MigrationParameters parameters)
            throws IOException, InterruptedException, ExecutionException {
        migrate(uri -> OutgoingMigration.of(guest, uri, Optional.empty(), parameters), destination, parameters);
    }

    private static void migrate(
            java.util.function.Function<MigrationUri, OutgoingMigration> outgoing,
            Destination destination,
            MigrationParameters parameters)
            throws IOException, InterruptedException, ExecutionException {
        Listener listener = Listener.open(new MigrationUri.Tcp("127.0.0.1", 0), parameters.multifdChannels() + 1);
        IncomingMigration incoming = IncomingMigration.from(listener, Optional.empty(), parameters, destination);
        CompletableFuture<MigrationOutcome> received = new CompletableFuture<>();
        Thread receiving = Thread.ofVirtual().start(() -> received.complete(incoming.run()));
        MigrationOutcome sent = outgoing.apply(listener.uri()).run();
        receiving.join();
        requireCompleted(sent);
        requireCompleted(received.get());
        assertEquals(
                sent.progress().stats().channels().stream()
                        .mapToLong(channel -> channel.packets.get())
                        .sum(),
                received.get().progress().stats().channels().stream()
                        .mapToLong(channel -> channel.packets.get())
                        .sum());
    }

    private static void requireCompleted(MigrationOutcome outcome) {
        assertTrue(outcome.completed(), () -> outcome.failure().toString());
    }
}
