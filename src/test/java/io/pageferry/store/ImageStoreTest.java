package io.pageferry.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.ByteSize;
import io.pageferry.config.MigrationParameters;
import io.pageferry.image.Image;
import io.pageferry.image.ImageAccess;
import io.pageferry.memory.RamLayout;
import io.pageferry.session.IncomingMigration;
import io.pageferry.testing.GoldenImage;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.Threads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    @Test
    void shouldWriteAnImageUnderTheNameThatWasWanted() throws Exception {
        List<StoredImage> before;
        try (ImageStore store = open(NOON, new Retention(1, Optional.of(Duration.ofSeconds(1))));
                StoreDestination destination = store.receive("golden/pc.2.img", Optional.empty(), PARAMETERS)) {
            destination.guestIs(Optional.of(GUEST), Optional.empty());
            assertEquals(Optional.empty(), run(destination));
            take(store, Optional.of(GUEST));
            before = store.list();
            assertEquals(
                    Optional.of(GUEST),
                    store.find("golden/pc.2.img").orElseThrow().guest());
        }
        try (ImageStore store =
                open(NOON.plusSeconds(1L << 30), new Retention(1, Optional.of(Duration.ofSeconds(1))))) {
            assertEquals(
                    before.stream().map(StoredImage::name).toList(),
                    store.list().stream().map(StoredImage::name).toList(),
                    "what a client named is not too old, nor is a guest's newest");
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
            String newest = take(store, Optional.of(GUEST));
            clock.now = NOON.plusSeconds(3600);
            store.retain();
            assertEquals(2, store.list().size());
            clock.now = NOON.plusSeconds(3601);
            store.retain();
            assertEquals(
                    List.of(newest),
                    store.list().stream().map(StoredImage::name).toList());
        }
    }

    @Test
    void shouldKeepAnImageAsLongAsItIsRead() throws Exception {
        SettableClock clock = new SettableClock(NOON);
        try (ImageStore store = ImageStore.open(root, new Retention(1, Optional.empty()), 0, clock)) {
            String first = take(store, Optional.of(GUEST));
            Loan loan = store.lend(new ImageQuery(first, Optional.empty()));
            Loan another = store.lend(new ImageQuery(first, Optional.empty()));
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
            assertThrows(StoreException.class, () -> store.lend(new ImageQuery("../golden", Optional.empty())));
        }
    }

    @Test
    void shouldRefuseAGuestThatDoesNotFitTheDisk() throws Exception {
        long free = Files.getFileStore(folder).getUsableSpace();
        try (ImageStore store =
                ImageStore.open(root, Retention.ALL, free - (1 << 20), Clock.fixed(NOON, ZoneOffset.UTC))) {
            StoreException refusal = assertThrows(
                    StoreException.class,
                    () -> store.reservations()
                            .open("image", Duration.ofSeconds(1), () -> 0)
                            .reserve(1L << 40, 0));
            assertTrue(
                    refusal.getMessage().startsWith("guest must have room on disk: needed=1 TiB free="),
                    refusal.getMessage());
        }
    }

    @Test
    void shouldLeaveNothingWhenAGuestDoesNotFitTheDisk() throws Exception {
        try (ImageStore store =
                        ImageStore.open(root, Retention.ALL, Long.MAX_VALUE, Clock.fixed(NOON, ZoneOffset.UTC));
                StoreDestination destination = store.receive(Optional.of(GUEST), Optional.empty(), PARAMETERS)) {
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
            StoreDestination first = store.receive(Optional.of(GUEST), Optional.empty(), PARAMETERS);
            open(first, ram);
            assertTrue(first.outstandingBytes() > ram + Reservation.STEP_BYTES);
            try (StoreDestination second = store.receive(Optional.empty(), Optional.empty(), PARAMETERS)) {
                StoreException refusal = assertThrows(StoreException.class, () -> open(second, ram));
                assertTrue(
                        refusal.getMessage()
                                .contains(" reservedByOthers=" + ByteSize.format(first.outstandingBytes()) + " "),
                        refusal.getMessage());
            }
            first.close();
            try (StoreDestination third = store.receive(Optional.empty(), Optional.empty(), PARAMETERS)) {
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
                StoreDestination destination = store.receive(Optional.of(GUEST), Optional.empty(), PARAMETERS)) {
            Files.delete(root.resolve(".lock"));
            Files.delete(root.resolve(".pageferry").resolve("order"));
            Files.delete(root.resolve(".pageferry"));
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

    @Test
    void shouldKeepEveryImageOfGuestsThatHaveNoUuid() throws Exception {
        SettableClock clock = new SettableClock(NOON);
        Retention least = new Retention(1, Optional.of(Duration.ofSeconds(1)));
        try (ImageStore store = ImageStore.open(root, least, 0, clock)) {
            List<String> names = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                clock.now = NOON.plusSeconds(1000 * i);
                names.add(take(store, Optional.empty()));
                names.add(take(store, Optional.of(new UUID(0, 0))));
            }
            assertEquals(
                    Set.copyOf(names),
                    store.list().stream().map(StoredImage::name).collect(Collectors.toSet()));
        }
        try (ImageStore store = ImageStore.open(root, least, 0, clock)) {
            assertEquals(6, store.list().size());
        }
    }

    @Test
    void shouldKeepTheImageThatWasCompletedLastWhenItsMigrationTookLongerThanImagesAreKept() throws Exception {
        SettableClock clock = new SettableClock(NOON);
        try (ImageStore store =
                ImageStore.open(root, new Retention(0, Optional.of(Duration.ofSeconds(60))), 0, clock)) {
            StoreDestination slow = store.receive(Optional.of(GUEST), Optional.empty(), PARAMETERS);
            clock.now = NOON.plusSeconds(10);
            String fast = take(store, Optional.of(GUEST));
            clock.now = NOON.plusSeconds(1000);
            assertEquals(Optional.empty(), run(slow));
            slow.close();
            assertTrue(Files.exists(root.resolve(slow.name())), "its source was told that it is safe");
            assertFalse(Files.exists(root.resolve(fast)), "that one is 990 s old, and not the newest");
        }
    }

    @Test
    void shouldKeepTheImageThatWasCompletedLastWhenTheClockWasSetBack() throws Exception {
        SettableClock clock = new SettableClock(NOON.plus(Duration.ofDays(365)));
        Retention one = new Retention(1, Optional.of(Duration.ofDays(30)));
        String newer;
        try (ImageStore store = ImageStore.open(root, one, 0, clock)) {
            String older = take(store, Optional.of(GUEST));
            clock.now = NOON;
            newer = take(store, Optional.of(GUEST));
            assertTrue(newer.compareTo(older) < 0, "by name it is the older one");
            assertEquals(
                    List.of(newer), store.list().stream().map(StoredImage::name).toList());
        }
        try (ImageStore store = ImageStore.open(root, one, 0, clock)) {
            assertEquals(
                    List.of(newer), store.list().stream().map(StoredImage::name).toList(), "and after a restart");
            assertEquals(Duration.ZERO, store.find(newer).orElseThrow().age(NOON.minusSeconds(5)));
        }
    }

    @Test
    void shouldNotLetOneOwnersGuestSupersedeAnothersWithTheSameUuid() throws Exception {
        SettableClock clock = new SettableClock(NOON);
        try (ImageStore store = ImageStore.open(root, new Retention(1, Optional.empty()), 0, clock)) {
            String victims = take(store, Optional.of(GUEST), Optional.of("CN=victim"));
            String nobodys = take(store, Optional.of(GUEST), Optional.empty());
            String attackers = take(store, Optional.of(GUEST), Optional.of("CN=attacker"));
            assertEquals(
                    3,
                    Set.of(folderOf(victims), folderOf(nobodys), folderOf(attackers))
                            .size(),
                    "filed apart");
            assertEquals(3, store.list().size());
            String victimsNext = take(store, Optional.of(GUEST), Optional.of("CN=victim"));
            assertEquals(
                    Set.of(victimsNext, nobodys, attackers),
                    store.list().stream().map(StoredImage::name).collect(Collectors.toSet()));

            Optional<String> anybodys = Optional.empty();
            StoreException refusal =
                    assertThrows(StoreException.class, () -> store.lend(new ImageQuery(GUEST.toString(), anybodys)));
            assertTrue(refusal.getMessage()
                    .startsWith("guest must be of one owner, say which one is meant: uuid=" + GUEST));
            assertTrue(refusal.getMessage().contains("\"CN=victim\""), refusal.getMessage());
            try (Loan loan = store.lend(new ImageQuery(GUEST.toString(), Optional.of("CN=victim")))) {
                assertEquals(victimsNext, loan.image().name());
            }
            try (Loan loan = store.lend(new ImageQuery(GUEST.toString(), Optional.of("none")))) {
                assertEquals(nobodys, loan.image().name());
            }
        }
    }

    /** Over QMP a guest is waited for before anybody has proved to be somebody. */
    @Test
    void shouldFileAGuestUnderItsOwnerWhenThatIsKnownOnTheWay() throws Exception {
        try (ImageStore store = open(NOON, Retention.ALL);
                StoreDestination destination = store.receive(Optional.of(GUEST), Optional.empty(), PARAMETERS)) {
            destination.guestIs(Optional.of(GUEST), Optional.of("qemu"));
            assertEquals(Optional.empty(), run(destination));
            StoredImage image = store.find(destination.name()).orElseThrow();
            assertEquals(Optional.of("qemu"), image.owner());
            assertEquals(new GuestIdentity(Optional.of(GUEST), Optional.of("qemu")).folder(), folderOf(image.name()));
        }
    }

    @Test
    void shouldRememberTheUuidOfAGuestWhoseImageIsInAnotherFolder() throws Exception {
        try (ImageStore store = open(NOON, Retention.ALL);
                StoreDestination destination = store.receive("golden/pc.img", Optional.of(GUEST), PARAMETERS)) {
            assertEquals(Optional.empty(), run(destination));
        }
        try (ImageStore store = open(NOON, Retention.ALL)) {
            StoredImage image = store.find("golden/pc.img").orElseThrow();
            assertEquals(Optional.of(GUEST), image.guest());
            assertTrue(image.facts().orElseThrow().isNamed());
        }
    }

    @Test
    void shouldKeepWhatAnOperatorNamedAsTheStoreDoes() throws Exception {
        SettableClock clock = new SettableClock(NOON);
        String name = GUEST + "/20250101T000000.000Z.img";
        try (ImageStore store = ImageStore.open(root, new Retention(1, Optional.empty()), 0, clock)) {
            try (StoreDestination destination = store.receive(name, Optional.of(GUEST), PARAMETERS)) {
                assertEquals(Optional.empty(), run(destination));
            }
            take(store, Optional.of(GUEST));
            String newest = take(store, Optional.of(GUEST));
            assertEquals(
                    List.of(name, newest),
                    store.list().stream().map(StoredImage::name).toList());
        }
    }

    @Test
    void shouldCountAnImageWithoutASidecarAsOlderThanAnyWithOne() throws Exception {
        String old;
        SettableClock clock = new SettableClock(NOON.plusSeconds(1L << 30));
        try (ImageStore store = ImageStore.open(root, Retention.ALL, 0, clock)) {
            old = take(store, Optional.of(GUEST));
        }
        Files.delete(root.resolve(old + ".json"));
        clock.now = NOON;
        try (ImageStore store = ImageStore.open(root, new Retention(1, Optional.empty()), 0, clock)) {
            assertEquals(Optional.empty(), store.find(old).orElseThrow().owner());
            String newest = take(store, Optional.of(GUEST));
            assertEquals(
                    List.of(newest),
                    store.list().stream().map(StoredImage::name).toList());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "{}",
                "{\"version\": 2}",
                "{\"version\": \"1\"}",
                "{\"version\": 1, \"order\": -1}",
                "{\"version\": 1, \"order\": 1e300}",
                "{\"version\": 1, \"owner\": 7}",
                "{\"version\": 1, \"completed\": \"yesterday\"}"
            })
    void shouldKeepAnImageWhoseFactsCannotBeRead(String facts) throws Exception {
        String spoilt;
        try (ImageStore store = open(NOON, Retention.ALL)) {
            spoilt = take(store, Optional.of(GUEST));
        }
        Files.writeString(root.resolve(spoilt + ".json"), facts);
        try (ImageStore store = open(NOON.plusSeconds(9), new Retention(1, Optional.of(Duration.ofSeconds(1))))) {
            take(store, Optional.of(GUEST));
            take(store, Optional.of(GUEST));
            assertTrue(store.find(spoilt).isPresent(), "nobody knows whose it is");
            assertEquals(2, store.list().size());
        }
    }

    @Test
    void shouldAdoptImages() throws Exception {
        Optional<UUID> other = Optional.of(new UUID(1, 2));
        try (ImageStore store = open(NOON, Retention.ALL)) {
            take(store, Optional.of(GUEST), Optional.empty());
            take(store, other, Optional.empty());
            take(store, Optional.of(GUEST), Optional.of("CN=old"));
            take(store, Optional.of(GUEST), Optional.of("CN=new"));
        }
        List<Adoption> adoptions = List.of(new Adoption(GUEST.toString(), "CN=old"), new Adoption("CN=old", "CN=new"));
        for (int i = 0; i < 2; i++) {
            try (ImageStore store = ImageStore.open(
                    root, Retention.ALL, 0, Clock.fixed(NOON, ZoneOffset.UTC), adoptions, ImageAccess.OWNER)) {
                assertEquals(
                        List.of("CN=new", "CN=new", "CN=new", "none"),
                        store.list().stream()
                                .map(image -> image.owner().orElse("none"))
                                .sorted()
                                .toList());
            }
        }
        try (ImageStore store = open(NOON, new Retention(1, Optional.empty()))) {
            assertEquals(2, store.list().size(), "they are one guest's now");
        }
    }

    @Test
    void shouldRemoveAnImageWhenAnOperatorSaysSo() throws Exception {
        try (ImageStore store = open(NOON, Retention.ALL)) {
            String name = take(store, Optional.empty());
            try (Loan _ = store.lend(new ImageQuery(name, Optional.empty()))) {
                StoreException refusal = assertThrows(StoreException.class, () -> store.remove(name));
                assertEquals("image must not be removed while it is sent: image=" + name, refusal.getMessage());
            }
            store.remove(name);
            assertEquals(List.of(), store.list());
            assertFalse(Files.exists(root.resolve(name)));
            assertFalse(Files.exists(root.resolve(name + ".json")));
            assertThrows(StoreException.class, () -> store.remove(name));
        }
    }

    /** Guests that are completed at the same time, again and again: who is told last is the newest, and stays. */
    @Test
    void shouldKeepWhoWasCompletedLastWhenManyAreAtTheSameTime() throws Exception {
        try (ImageStore store = open(NOON, new Retention(1, Optional.empty()))) {
            for (int round = 0; round < 20; round++) {
                List<StoredImage> inOrder = Collections.synchronizedList(new ArrayList<>());
                List<Callable<?>> migrations = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    migrations.add(() -> {
                        try (StoreDestination destination =
                                store.receive(Optional.of(GUEST), Optional.empty(), PARAMETERS)) {
                            assertEquals(Optional.empty(), run(destination));
                            inOrder.add(store.find(destination.name()).orElseThrow());
                        }
                        return null;
                    });
                }
                Threads.runTogether(migrations);
                StoredImage newest = Retention.newest(inOrder).orElseThrow();
                assertEquals(
                        List.of(newest.name()),
                        store.list().stream().map(StoredImage::name).toList());
            }
        }
    }

    private static String folderOf(String name) {
        return name.substring(0, name.indexOf('/'));
    }

    /** The source stands still, and waits for the word that its guest is here. */
    @Test
    void shouldRemoveNothingBeforeTheMigrationHasEnded() throws Exception {
        SettableClock clock = new SettableClock(NOON);
        try (ImageStore store = ImageStore.open(root, new Retention(1, Optional.empty()), 0, clock)) {
            String first = take(store, Optional.of(GUEST));
            clock.now = NOON.plusSeconds(1);
            StoreDestination destination = store.receive(Optional.of(GUEST), Optional.empty(), PARAMETERS);
            assertEquals(Optional.empty(), run(destination));
            assertTrue(Files.exists(root.resolve(first)));
            destination.close();
            assertFalse(Files.exists(root.resolve(first)));
        }
    }

    @Test
    void shouldRemoveAFolderWithItsLastImage() throws Exception {
        try (ImageStore store = open(NOON, Retention.ALL)) {
            String unknown = take(store, Optional.empty());
            String known = take(store, Optional.of(GUEST));
            Files.writeString(root.resolve(GUEST.toString()).resolve("notes"), "an operator's");
            store.remove(unknown);
            store.remove(known);
            assertEquals(List.of(".lock", ".pageferry", GUEST.toString()), entries(root));
            assertEquals(List.of("notes"), entries(root.resolve(GUEST.toString())));
        }
    }

    @Test
    void shouldLeaveNoFolderBehindOfAGuestThatFails() throws Exception {
        try (ImageStore store = open(NOON, Retention.ALL)) {
            try (StoreDestination destination = store.receive(Optional.of(GUEST), Optional.empty(), PARAMETERS)) {
                open(destination, 1 << 20);
                assertTrue(Files.isDirectory(root.resolve(GUEST.toString())));
            }
            assertEquals(List.of(".lock", ".pageferry"), entries(root));
        }
    }

    @Test
    void shouldRemoveEmptyFoldersOfGuestsWhenItIsOpened() throws Exception {
        Files.createDirectories(root.resolve(GUEST.toString()));
        Files.createDirectories(root.resolve(".pageferry"));
        Files.createDirectories(root.resolve("lost+found"));
        Files.createDirectories(root.resolve("operators").resolve("own"));
        Files.writeString(Files.createDirectories(root.resolve("notes")).resolve("a note"), "an operator's");
        open(NOON, Retention.ALL).close();
        assertEquals(List.of(".lock", ".pageferry", "lost+found", "notes", "operators"), entries(root));
    }

    /** A folder goes with one guest at the moment when another one is filed in it. */
    @Test
    void shouldFailNoGuestWhenAnotherOneOfItsFolderEnds() throws Exception {
        try (ImageStore store = open(NOON, Retention.ALL);
                ExecutorService threads =
                        Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
            List<Future<Void>> guests = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                guests.add(threads.submit((Callable<Void>) () -> {
                    for (int turn = 0; turn < 100; turn++) {
                        try (StoreDestination destination =
                                store.receive(Optional.of(GUEST), Optional.empty(), PARAMETERS)) {
                            open(destination, 1 << 20);
                        }
                    }
                    return null;
                }));
            }
            for (Future<Void> guest : guests) {
                guest.get(20, TimeUnit.SECONDS);
            }
        }
        assertEquals(List.of(".lock", ".pageferry"), entries(root));
    }

    private static List<String> entries(Path of) throws IOException {
        try (Stream<Path> files = Files.list(of)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private ImageStore open(Instant now, Retention retention) throws StoreException {
        return ImageStore.open(root, retention, 0, Clock.fixed(now, ZoneOffset.UTC));
    }

    private String take(ImageStore store, Optional<UUID> guest) throws IOException {
        return take(store, guest, Optional.empty());
    }

    private String take(ImageStore store, Optional<UUID> guest, Optional<String> owner) throws IOException {
        try (StoreDestination destination = store.receive(guest, owner, PARAMETERS)) {
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
