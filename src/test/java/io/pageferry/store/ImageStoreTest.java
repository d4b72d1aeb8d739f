package io.pageferry.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.image.FileLock;
import io.pageferry.store.folder.FolderImages;
import io.pageferry.store.folder.FolderStore;
import io.pageferry.testing.LeakFree;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a store names, lists and finds, and whose it is. */
@LeakFree
@Timeout(30)
class ImageStoreTest extends StoreScene {
    @Test
    void shouldNameImagesByGuestAndTime() throws Exception {
        try (ImageStore store = open(NOON, Retention.ALL)) {
            assertEquals(GUEST + "/20260102T120000.000Z.img", take(store, Optional.of(GUEST)));
            assertEquals(GUEST + "/20260102T120000.000Z-2.img", take(store, Optional.of(GUEST)));
            assertEquals("unknown/20260102T120000.000Z.img", take(store, Optional.empty()));
        }
    }

    @Test
    void shouldReplaceNoFileThatIsNoImage() throws Exception {
        Path foreign = Files.createDirectories(root.resolve(GUEST.toString())).resolve("20260102T120000.000Z.img");
        Files.writeString(foreign, "of another version");
        try (ImageStore store = open(NOON, Retention.ALL)) {
            assertEquals(GUEST + "/20260102T120000.000Z-2.img", take(store, Optional.of(GUEST)));
            assertEquals("of another version", Files.readString(foreign));
        }
    }

    @Test
    void shouldFileAGuestUnderItsUuidWhenItSaysItOnTheWay() throws Exception {
        try (ImageStore store = open(NOON, Retention.ALL);
                StoreDestination destination = store.receive(Optional.empty(), Optional.empty(), PARAMETERS)) {
            List<UUID> told = new ArrayList<>();
            destination.whenGuestIsKnown(known -> told.add(known.guest().orElseThrow()));
            destination.guestIs(Optional.of(GUEST), Optional.empty());
            assertEquals(List.of(GUEST), told);
            assertEquals(Optional.empty(), run(destination));
            String name = GUEST + "/20260102T120000.000Z.img";
            assertEquals(Optional.of(GUEST), store.find(name).orElseThrow().guest());
            assertTrue(Files.exists(root.resolve(name)));
            assertFalse(Files.exists(root.resolve("unknown")));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a.img",
                "../a.img",
                "a/../../b.img",
                "/a/b.img",
                "a/b/c.img",
                "a/.b.img",
                ".a/b.img",
                "a/b",
                "a//b.img",
                "a/b\n.img",
                "a/b\0.img",
                "link/b.img",
                "file/b.img"
            })
    void shouldRefuseANameThatIsNoneOfTheStores(String name) throws Exception {
        try (ImageStore store = open(NOON, Retention.ALL)) {
            Files.createSymbolicLink(root.resolve("link"), folder);
            Files.createFile(root.resolve("file"));
            StoreException refusal =
                    assertThrows(StoreException.class, () -> store.receive(name, Optional.empty(), PARAMETERS));
            assertTrue(refusal.getMessage().endsWith("image=" + name), refusal.getMessage());
            assertEquals(List.of(), store.list());
        }
    }

    @Test
    void shouldRefuseANameThatIsTaken() throws Exception {
        try (ImageStore store = open(NOON, Retention.ALL);
                StoreDestination _ = store.receive("a/writing.img", Optional.empty(), PARAMETERS)) {
            Files.createDirectories(root.resolve("a"));
            Files.writeString(root.resolve("a/foreign.img"), "no image");
            for (String name : List.of("a/writing.img", "a/foreign.img", take(store, Optional.empty()))) {
                StoreException refusal =
                        assertThrows(StoreException.class, () -> store.receive(name, Optional.empty(), PARAMETERS));
                assertEquals("image must be new to the store: image=" + name, refusal.getMessage());
            }
        }
    }

    @Test
    void shouldTakeAFolderThatIsAUuidForTheGuests() throws Exception {
        try (ImageStore store = open(NOON, Retention.ALL);
                StoreDestination destination = store.receive(GUEST + "/a.img", Optional.empty(), PARAMETERS)) {
            assertEquals(Optional.of(GUEST), destination.guest());
            try (StoreDestination named = store.receive("1-2-3-4-5/a.img", Optional.empty(), PARAMETERS)) {
                assertEquals(Optional.empty(), named.guest());
            }
            Optional<UUID> other = Optional.of(new UUID(1, 2));
            assertThrows(StoreException.class, () -> store.receive(GUEST + "/b.img", other, PARAMETERS));
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
                StoreDestination destination = store.receive(Optional.of(GUEST), Optional.empty(), PARAMETERS)) {
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
    void shouldRefuseToLendWhatIsNotThere() throws Exception {
        try (ImageStore store = open(NOON, Retention.ALL)) {
            assertThrows(StoreException.class, () -> store.lend(new ImageQuery("../golden", Optional.empty())));
        }
    }

    /** As {@code migrate-incoming} of that file would. */
    @Test
    void shouldStillBeOfOneProcessWhenItsLockFileIsOpenedAndClosedOnceMore() throws Exception {
        try (ImageStore _ = open(NOON, Retention.ALL)) {
            Files.readAllBytes(root.resolve(".lock"));
            try (FileLock another = FileLock.hold(root.resolve(".lock"))) {
                assertNull(another);
            }
        }
    }

    @Test
    void shouldKeepNothingOfItsOwnBehindALink() throws Exception {
        Path elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
        Files.createSymbolicLink(Files.createDirectories(root).resolve(".pageferry"), elsewhere);
        assertThrows(StoreException.class, () -> open(NOON, Retention.ALL));
        assertEquals(List.of(), entries(elsewhere));
    }

    @Test
    void shouldStoreNoImageBehindALink() throws Exception {
        Path elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
        Files.createSymbolicLink(Files.createDirectories(root).resolve(GUEST.toString()), elsewhere);
        try (ImageStore store = open(NOON, Retention.ALL);
                StoreDestination destination = store.receive(Optional.of(GUEST), Optional.empty(), PARAMETERS)) {
            Throwable failure = run(destination).orElseThrow();
            assertTrue(
                    failure.getMessage().startsWith("image must be in a folder of the store's own: "),
                    failure.toString());
            assertEquals(List.of(), entries(elsewhere));
        }
    }

    @Test
    void shouldFindAnImageAgainWhoseNameIsNearlyATime() throws Exception {
        String name = "mine/20261399T999999.999Z.img";
        try (ImageStore store = open(NOON, Retention.ALL);
                StoreDestination destination = store.receive(name, Optional.empty(), PARAMETERS)) {
            assertEquals(Optional.empty(), run(destination));
        }
        try (ImageStore store = open(NOON, Retention.ALL)) {
            assertTrue(store.find(name).isPresent());
        }
    }

    @Test
    void shouldLookIntoNoFolderThatCannotBeAGuests() throws Exception {
        Path foreign = Files.createDirectories(root.resolve("lost+found"));
        Path file = Files.writeString(foreign.resolve(".20260102T120000.000Z.img.0a1b2c3d.part"), "somebody's");
        open(NOON, Retention.ALL).close();
        assertTrue(Files.exists(file));
    }

    /** A server removes folders while somebody else looks for an image. */
    @Test
    void shouldFindAnImageWhileFoldersComeAndGo() throws Exception {
        String name;
        try (ImageStore store = open(NOON, Retention.ALL)) {
            name = take(store, Optional.of(GUEST));
        }
        AtomicBoolean done = new AtomicBoolean();
        try (ExecutorService threads =
                Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
            Future<?> others = threads.submit((Callable<Void>) () -> {
                while (!done.get()) {
                    for (int i = 0; i < 50; i++) {
                        Files.createDirectory(root.resolve("other" + i));
                    }
                    for (int i = 0; i < 50; i++) {
                        Files.delete(root.resolve("other" + i));
                    }
                }
                return null;
            });
            try {
                for (int i = 0; i < 300; i++) {
                    assertEquals(
                            name,
                            FolderImages.in(root)
                                    .find(new ImageQuery(name, Optional.empty()))
                                    .name());
                }
            } finally {
                done.set(true);
            }
            others.get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void shouldTellTheNewestThatFit() throws Exception {
        SettableClock clock = new SettableClock(NOON);
        UUID other = UUID.fromString("99999999-4455-6677-8899-aabbccddeeff");
        try (ImageStore store = FolderStore.open(root, Retention.ALL, 0, clock)) {
            List<String> names = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                clock.now = NOON.plusSeconds(i);
                names.addFirst(take(store, Optional.of(i % 2 == 0 ? GUEST : other)));
            }
            assertEquals(names, names(store.newest(_ -> true, 10)));
            assertEquals(names.subList(0, 2), names(store.newest(_ -> true, 2)));
            assertEquals(
                    List.of(names.get(1), names.get(3)),
                    names(store.newest(image -> image.guest().equals(Optional.of(GUEST)), 10)));
            try (StoreDestination coming = store.receive(Optional.of(GUEST), Optional.empty(), PARAMETERS)) {
                assertEquals(List.of(coming.name(), names.get(0)), names(store.newest(_ -> true, 2)));
                assertEquals(List.of(coming.name()), names(store.newest(_ -> true, 1)));
            }
        }
    }

    private static List<String> names(List<StoredImage> images) {
        return images.stream().map(StoredImage::name).toList();
    }
}
