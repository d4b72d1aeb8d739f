package io.pageferry.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.image.Image;
import io.pageferry.image.ImageAccess;
import io.pageferry.store.folder.FolderImages;
import io.pageferry.store.folder.FolderStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A store's folder that others work on while a server has it. */
@Timeout(60)
class StoreBesideTest extends StoreScene {
    private static final ImageQuery NEWEST = new ImageQuery(GUEST.toString(), Optional.empty());

    @Test
    void shouldFindWhatAnotherProcessHasFiled() throws Exception {
        try (ImageStore store = open(NOON, Retention.ALL)) {
            String first = take(store, Optional.of(GUEST));
            String second;
            try (ImageStore beside = beside(NOON.plusSeconds(1))) {
                second = take(beside, Optional.of(GUEST));
            }
            store.refresh();
            assertEquals(List.of(first, second), names(store));
            try (Loan loan = store.lend(NEWEST)) {
                assertEquals(second, loan.image().name());
            }
        }
    }

    @Test
    void shouldLookAgainWhenItDoesNotKnowAnImage() throws Exception {
        try (ImageStore store = open(NOON, Retention.ALL);
                ImageStore beside = beside(NOON)) {
            String name = take(beside, Optional.of(GUEST));
            try (Loan loan = store.lend(NEWEST)) {
                assertEquals(name, loan.image().name());
            }
        }
    }

    /** A server has numbers left from before: an image that it completes later is the newest all the same. */
    @Test
    void shouldCountOnBehindWhatAnotherProcessHasFiled() throws Exception {
        try (ImageStore store = open(NOON, Retention.ALL)) {
            take(store, Optional.of(GUEST));
            try (ImageStore beside = beside(NOON.plusSeconds(1))) {
                take(beside, Optional.of(GUEST));
            }
            String last = take(store, Optional.of(GUEST));
            assertEquals(last, FolderImages.in(root).find(NEWEST).name());
        }
    }

    @Test
    void shouldSendTheNewestOfThoseThatAreLeft() throws Exception {
        SettableClock clock = new SettableClock(NOON);
        try (ImageStore store = FolderStore.open(root, Retention.ALL, 0, clock)) {
            String first = take(store, Optional.of(GUEST));
            clock.now = NOON.plusSeconds(1);
            take(store, Optional.of(GUEST));
            FolderImages images = FolderImages.in(root);
            images.remove(images.find(NEWEST));
            try (Loan loan = store.lend(NEWEST)) {
                assertEquals(first, loan.image().name());
            }
            assertEquals(List.of(first), names(store));
        }
    }

    @Test
    void shouldNotMindThatAnotherHasRemovedWhatItWouldRemove() throws Exception {
        SettableClock clock = new SettableClock(NOON);
        try (ImageStore store = FolderStore.open(root, new Retention(1, Optional.empty()), 0, clock)) {
            take(store, Optional.of(GUEST));
            FolderImages images = FolderImages.in(root);
            images.remove(images.find(NEWEST));
            clock.now = NOON.plusSeconds(1);
            String second = take(store, Optional.of(GUEST));
            assertEquals(List.of(second), names(store));
        }
    }

    @Test
    void shouldNotRemoveWhatSomebodyReads() throws Exception {
        try (ImageStore store = open(NOON, Retention.ALL)) {
            String name = take(store, Optional.of(GUEST));
            FolderImages images = FolderImages.in(root);
            StoredImage image = images.find(NEWEST);
            try (Image _ = Image.open(root.resolve(name), 0, PARAMETERS.maxRam(), false)) {
                String refusal = assertThrows(StoreException.class, () -> images.remove(image))
                        .getMessage();
                assertTrue(refusal.startsWith("image must not be removed while it is read"), refusal);
                assertThrows(StoreException.class, () -> store.remove(name));
                assertTrue(Files.exists(root.resolve(name)));
            }
            images.remove(image);
            assertEquals(List.of(".lock", ".pageferry"), entries(root));
        }
    }

    @Test
    void shouldNotRemoveWhatSomebodyReadsThroughALink() throws Exception {
        try (ImageStore store = open(NOON, Retention.ALL)) {
            String name = take(store, Optional.of(GUEST));
            Path link = Files.createSymbolicLink(folder.resolve("link.img"), root.resolve(name));
            try (Image _ = Image.open(link, 0, PARAMETERS.maxRam(), false)) {
                assertThrows(StoreException.class, () -> store.remove(name));
            }
            store.remove(name);
        }
    }

    @Test
    void shouldRemoveWhatIsTooOldBesideAServer() throws Exception {
        SettableClock clock = new SettableClock(NOON);
        try (ImageStore store = FolderStore.open(root, Retention.ALL, 0, clock)) {
            String first = take(store, Optional.of(GUEST));
            clock.now = NOON.plusSeconds(10);
            take(store, Optional.of(GUEST));
            Map<StoredImage, String> surplus = FolderImages.in(root)
                    .surplus(new Retention(0, Optional.of(Duration.ofSeconds(5))), NOON.plusSeconds(11));
            assertEquals(
                    List.of(first),
                    surplus.keySet().stream().map(StoredImage::name).toList());
        }
    }

    @Test
    void shouldFindAGuestByItsName() throws Exception {
        UUID other = UUID.fromString("99999999-4455-6677-8899-aabbccddeeff");
        try (ImageStore store = open(NOON, Retention.ALL)) {
            String before = take(store, Optional.of(GUEST));
            store.name(new GuestNames(Map.of(GUEST, "web", other, "db")));
            String after = take(store, Optional.of(other));
            assertEquals(
                    before,
                    FolderImages.in(root)
                            .find(new ImageQuery("web", Optional.empty()))
                            .name());
            assertEquals(
                    after,
                    FolderImages.in(root)
                            .find(new ImageQuery("db", Optional.empty()))
                            .name());
            try (Loan loan = store.lend(new ImageQuery("web", Optional.empty()))) {
                assertEquals(before, loan.image().name());
            }
        }
    }

    @Test
    void shouldRefuseANameThatSeveralGuestsHave() throws Exception {
        UUID other = UUID.fromString("99999999-4455-6677-8899-aabbccddeeff");
        try (ImageStore store = open(NOON, Retention.ALL)) {
            store.name(new GuestNames(Map.of(GUEST, "web", other, "web")));
            take(store, Optional.of(GUEST));
            take(store, Optional.of(other));
            String refusal = assertThrows(
                            StoreException.class,
                            () -> FolderImages.in(root).findAll(new ImageQuery("web", Optional.empty())))
                    .getMessage();
            assertTrue(refusal.contains(GUEST.toString()) && refusal.contains(other.toString()), refusal);
        }
    }

    private ImageStore beside(Instant now) throws StoreException {
        return FolderStore.join(root, Clock.fixed(now, ZoneOffset.UTC), ImageAccess.OWNER);
    }

    private static List<String> names(ImageStore store) {
        return store.list().stream().map(StoredImage::name).toList();
    }
}
