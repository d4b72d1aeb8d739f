package io.pageferry.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.ByteSize;
import io.pageferry.config.MigrationParameters;
import io.pageferry.image.Image;
import io.pageferry.memory.RamLayout;
import io.pageferry.session.IncomingMigration;
import io.pageferry.testing.GoldenImage;
import io.pageferry.testing.LeakFree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A store of images that came from an image of QEMU's own. */
@LeakFree
@Timeout(30)
class ImageStoreTest {
    private static final UUID GUEST = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
    private static final Instant NOON = Instant.parse("2026-01-02T12:00:00Z");
    private static final MigrationParameters PARAMETERS = MigrationParameters.defaults();

    @TempDir
    Path folder;

    private Path golden;
    private Path root;

    @BeforeEach
    void putAnImageThere() throws IOException {
        golden = folder.resolve("golden");
        Files.write(golden, GoldenImage.bytes());
        root = folder.resolve("store");
    }

    @Test
    void shouldNameImagesByGuestAndTime() throws Exception {
        try (ImageStore store = open(NOON, Retention.ALL)) {
            assertEquals(GUEST + "/20260102T120000.000Z.img", take(store, Optional.of(GUEST)));
            assertEquals(GUEST + "/20260102T120000.000Z-2.img", take(store, Optional.of(GUEST)));
            assertEquals("unknown/20260102T120000.000Z.img", take(store, Optional.empty()));
        }
    }

    @Test
    void shouldListWhatAnImageIs() throws Exception {
        try (ImageStore store = open(NOON, Retention.ALL)) {
            String name = take(store, Optional.of(GUEST));
            StoredImage image = store.find(name).orElseThrow();
            assertEquals(List.of(image), store.list());
            assertEquals(Optional.of(GUEST), image.guest());
            assertTrue(image.machineType().orElseThrow().startsWith("pc-"), image.toString());
            assertEquals(NOON, image.begun());
            assertEquals(Files.size(root.resolve(name)), image.bytes());
            assertEquals(StoredImage.State.COMPLETE, image.state());
        }
    }

    @Test
    void shouldListTheSameWhenItIsOpenedAgain() throws Exception {
        List<StoredImage> before;
        try (ImageStore store = open(NOON, Retention.ALL)) {
            take(store, Optional.of(GUEST));
            take(store, Optional.empty());
            before = store.list();
        }
        try (ImageStore store = open(NOON.plusSeconds(5), Retention.ALL)) {
            assertEquals(before, store.list());
        }
    }

    @Test
    void shouldListAnImageThatIsBeingWritten() throws Exception {
        try (ImageStore store = open(NOON, Retention.ALL);
                StoreDestination destination = store.receive(Optional.of(GUEST), PARAMETERS)) {
            StoredImage image = store.list().getFirst();
            assertEquals(destination.name(), image.name());
            assertEquals(StoredImage.State.WRITING, image.state());
            assertEquals(Optional.empty(), image.machineType());
            assertEquals(Optional.empty(), store.find(image.name()));
        }
    }

    @Test
    void shouldRemovePartialImagesAndNothingElseWhenItIsOpened() throws Exception {
        Path guest = Files.createDirectories(root.resolve(GUEST.toString()));
        Path partial = Files.writeString(guest.resolve(".20260102T120000.000Z.img.0a1b2c3d.part"), "half");
        Path note = Files.writeString(guest.resolve("note.txt"), "mine");
        Path broken = Files.writeString(guest.resolve("20260102T110000.000Z.img"), "no image");
        try (ImageStore store = open(NOON, Retention.ALL)) {
            assertFalse(Files.exists(partial));
            assertTrue(Files.exists(note));
            assertTrue(Files.exists(broken));
            assertEquals(List.of(), store.list());
        }
    }

    @Test
    void shouldBeOfOneProcess() throws Exception {
        try (ImageStore _ = open(NOON, Retention.ALL)) {
            StoreException refusal = assertThrows(StoreException.class, () -> open(NOON, Retention.ALL));
            assertEquals("store must be of one process: store=" + root, refusal.getMessage());
        }
    }

    @Test
    void shouldKeepTheNewestOfEachGuest() throws Exception {
        SettableClock clock = new SettableClock(NOON);
        try (ImageStore store = ImageStore.open(root, new Retention(2, Optional.empty()), 0, clock)) {
            String first = take(store, Optional.of(GUEST));
            clock.now = NOON.plusSeconds(1);
            String second = take(store, Optional.of(GUEST));
            String other = take(store, Optional.empty());
            clock.now = NOON.plusSeconds(2);
            String third = take(store, Optional.of(GUEST));
            assertEquals(
                    List.of(second, third, other),
                    store.list().stream().map(StoredImage::name).toList());
            assertFalse(Files.exists(root.resolve(first)));
        }
    }

    @Test
    void shouldRemoveWhatIsTooOld() throws Exception {
        SettableClock clock = new SettableClock(NOON);
        Retention anHour = new Retention(0, Optional.of(Duration.ofHours(1)));
        try (ImageStore store = ImageStore.open(root, anHour, 0, clock)) {
            take(store, Optional.of(GUEST));
            clock.now = NOON.plusSeconds(3600);
            store.retain();
            assertEquals(1, store.list().size());
            clock.now = NOON.plusSeconds(3601);
            store.retain();
            assertEquals(List.of(), store.list());
        }
    }

    @Test
    void shouldKeepAnImageAsLongAsItIsRead() throws Exception {
        SettableClock clock = new SettableClock(NOON);
        try (ImageStore store = ImageStore.open(root, new Retention(1, Optional.empty()), 0, clock)) {
            String first = take(store, Optional.of(GUEST));
            Loan loan = store.lend(first);
            Loan another = store.lend(first);
            clock.now = NOON.plusSeconds(1);
            take(store, Optional.of(GUEST));
            assertTrue(Files.exists(root.resolve(first)));
            loan.close();
            loan.close();
            assertTrue(Files.exists(root.resolve(first)));
            another.close();
            assertFalse(Files.exists(root.resolve(first)));
        }
    }

    @Test
    void shouldRefuseToLendWhatIsNotThere() throws Exception {
        try (ImageStore store = open(NOON, Retention.ALL)) {
            assertThrows(StoreException.class, () -> store.lend("../golden"));
        }
    }

    @Test
    void shouldRefuseAGuestThatDoesNotFitTheDisk() throws Exception {
        long free = Files.getFileStore(folder).getUsableSpace();
        try (ImageStore store =
                ImageStore.open(root, Retention.ALL, free - (1 << 20), Clock.fixed(NOON, ZoneOffset.UTC))) {
            StoreException refusal = assertThrows(StoreException.class, () -> store.reserve(1L << 40, () -> {}));
            assertTrue(
                    refusal.getMessage().startsWith("guest must have room on disk: needed=1 TiB free="),
                    refusal.getMessage());
        }
    }

    @Test
    void shouldLeaveNothingWhenAGuestDoesNotFitTheDisk() throws Exception {
        try (ImageStore store =
                        ImageStore.open(root, Retention.ALL, Long.MAX_VALUE, Clock.fixed(NOON, ZoneOffset.UTC));
                StoreDestination destination = store.receive(Optional.of(GUEST), PARAMETERS)) {
            Throwable failure = run(destination).orElseThrow();
            assertTrue(failure.getMessage().startsWith("guest must have room on disk"), failure.toString());
            assertFalse(Files.exists(root.resolve(GUEST.toString())));
        }
    }

    @Test
    void shouldRefuseAGuestForWhichTheRestOfTheDiskIsReserved() throws Exception {
        // So much that what others write meanwhile does not matter; none of it is written.
        long ram = Files.getFileStore(folder).getUsableSpace() / 5 * 3 & -4096;
        try (ImageStore store = open(NOON, Retention.ALL)) {
            StoreDestination first = store.receive(Optional.of(GUEST), PARAMETERS);
            open(first, ram);
            assertTrue(first.outstandingBytes() > ram + StoreDestination.DEVICE_STATE_BYTES);
            try (StoreDestination second = store.receive(Optional.empty(), PARAMETERS)) {
                StoreException refusal = assertThrows(StoreException.class, () -> open(second, ram));
                assertTrue(
                        refusal.getMessage()
                                .contains(" reservedByOthers=" + ByteSize.format(first.outstandingBytes()) + " "),
                        refusal.getMessage());
            }
            first.close();
            try (StoreDestination third = store.receive(Optional.empty(), PARAMETERS)) {
                open(third, ram);
            }
        }
    }

    private void open(StoreDestination destination, long ramBytes) throws IOException {
        try (Image image = Image.open(golden, 0, PARAMETERS.maxRam(), false)) {
            RamLayout layout = new RamLayout(4096, List.of("pc.ram"), new long[] {ramBytes});
            destination.open(image.configuration(), image.ramSection(), layout);
        }
    }

    @Test
    void shouldSayThatItsFolderHasGone() throws Exception {
        try (ImageStore store = open(NOON, Retention.ALL);
                StoreDestination destination = store.receive(Optional.of(GUEST), PARAMETERS)) {
            Files.delete(root.resolve(".lock"));
            Files.delete(root);
            Throwable failure = run(destination).orElseThrow();
            assertTrue(
                    failure.getMessage().startsWith("store's folder must stay where it is: store=" + root),
                    failure.toString());
        }
    }

    @Test
    void shouldListAnImageThatCannotBeRemoved() throws Exception {
        SettableClock clock = new SettableClock(NOON);
        try (ImageStore store = ImageStore.open(root, new Retention(1, Optional.empty()), 0, clock)) {
            String first = take(store, Optional.of(GUEST));
            Files.delete(root.resolve(first));
            Files.createDirectories(root.resolve(first).resolve("in the way"));
            clock.now = NOON.plusSeconds(1);
            String second = take(store, Optional.of(GUEST));
            assertEquals(
                    List.of(first, second),
                    store.list().stream().map(StoredImage::name).toList());
            Files.delete(root.resolve(first).resolve("in the way"));
            store.retain();
            assertEquals(Optional.empty(), store.find(first));
        }
    }

    /** The source stands still, and waits for the word that its guest is here. */
    @Test
    void shouldRemoveNothingBeforeTheMigrationHasEnded() throws Exception {
        SettableClock clock = new SettableClock(NOON);
        try (ImageStore store = ImageStore.open(root, new Retention(1, Optional.empty()), 0, clock)) {
            String first = take(store, Optional.of(GUEST));
            clock.now = NOON.plusSeconds(1);
            StoreDestination destination = store.receive(Optional.of(GUEST), PARAMETERS);
            assertEquals(Optional.empty(), run(destination));
            assertTrue(Files.exists(root.resolve(first)));
            destination.close();
            assertFalse(Files.exists(root.resolve(first)));
        }
    }

    private ImageStore open(Instant now, Retention retention) throws StoreException {
        return ImageStore.open(root, retention, 0, Clock.fixed(now, ZoneOffset.UTC));
    }

    private String take(ImageStore store, Optional<UUID> guest) throws IOException {
        try (StoreDestination destination = store.receive(guest, PARAMETERS)) {
            assertEquals(Optional.empty(), run(destination));
            return destination.name();
        }
    }

    private Optional<Throwable> run(StoreDestination destination) throws IOException {
        Image image = Image.open(golden, 0, PARAMETERS.maxRam(), false);
        return IncomingMigration.from(image, PARAMETERS, destination).run().failure();
    }

    private static final class SettableClock extends Clock {
        private Instant now;

        SettableClock(Instant now) {
            this.now = now;
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneOffset getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
        }
    }
}
