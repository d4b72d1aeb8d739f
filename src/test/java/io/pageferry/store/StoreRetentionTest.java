package io.pageferry.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.store.folder.FolderStore;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.Threads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which images stay, whatever clocks, names and the order of things say. */
@LeakFree
@Timeout(30)
class StoreRetentionTest extends StoreScene {
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

    @Test
    void shouldKeepTheNewestOfEachGuest() throws Exception {
        SettableClock clock = new SettableClock(NOON);
        try (ImageStore store = FolderStore.open(root, new Retention(2, Optional.empty()), 0, clock)) {
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
        try (ImageStore store = FolderStore.open(root, anHour, 0, clock)) {
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
        try (ImageStore store = FolderStore.open(root, new Retention(1, Optional.empty()), 0, clock)) {
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
    void shouldListAnImageThatCannotBeRemoved() throws Exception {
        SettableClock clock = new SettableClock(NOON);
        try (ImageStore store = FolderStore.open(root, new Retention(1, Optional.empty()), 0, clock)) {
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
        try (ImageStore store = FolderStore.open(root, least, 0, clock)) {
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
        try (ImageStore store = FolderStore.open(root, least, 0, clock)) {
            assertEquals(6, store.list().size());
        }
    }

    @Test
    void shouldKeepTheImageThatWasCompletedLastWhenItsMigrationTookLongerThanImagesAreKept() throws Exception {
        SettableClock clock = new SettableClock(NOON);
        try (ImageStore store =
                FolderStore.open(root, new Retention(0, Optional.of(Duration.ofSeconds(60))), 0, clock)) {
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
        try (ImageStore store = FolderStore.open(root, one, 0, clock)) {
            String older = take(store, Optional.of(GUEST));
            clock.now = NOON;
            newer = take(store, Optional.of(GUEST));
            assertTrue(newer.compareTo(older) < 0, "by name it is the older one");
            assertEquals(
                    List.of(newer), store.list().stream().map(StoredImage::name).toList());
        }
        try (ImageStore store = FolderStore.open(root, one, 0, clock)) {
            assertEquals(
                    List.of(newer), store.list().stream().map(StoredImage::name).toList(), "and after a restart");
            assertEquals(Duration.ZERO, store.find(newer).orElseThrow().age(NOON.minusSeconds(5)));
        }
    }

    @Test
    void shouldKeepWhatAnOperatorNamedAsTheStoreDoes() throws Exception {
        SettableClock clock = new SettableClock(NOON);
        String name = GUEST + "/20250101T000000.000Z.img";
        try (ImageStore store = FolderStore.open(root, new Retention(1, Optional.empty()), 0, clock)) {
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
        try (ImageStore store = FolderStore.open(root, Retention.ALL, 0, clock)) {
            old = take(store, Optional.of(GUEST));
        }
        Files.delete(root.resolve(old + ".json"));
        clock.now = NOON;
        try (ImageStore store = FolderStore.open(root, new Retention(1, Optional.empty()), 0, clock)) {
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
                "{\"version\": 1, \"order\": 4503599627370496}",
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

    /** The source stands still, and waits for the word that its guest is here. */
    @Test
    void shouldRemoveNothingBeforeTheMigrationHasEnded() throws Exception {
        SettableClock clock = new SettableClock(NOON);
        try (ImageStore store = FolderStore.open(root, new Retention(1, Optional.empty()), 0, clock)) {
            String first = take(store, Optional.of(GUEST));
            clock.now = NOON.plusSeconds(1);
            StoreDestination destination = store.receive(Optional.of(GUEST), Optional.empty(), PARAMETERS);
            assertEquals(Optional.empty(), run(destination));
            assertTrue(Files.exists(root.resolve(first)));
            destination.close();
            assertFalse(Files.exists(root.resolve(first)));
        }
    }

    /** Its source has not been told yet that it is safe. */
    @Test
    void shouldKeepAnImageUntilItsOwnMigrationHasEnded() throws Exception {
        try (ImageStore store = open(NOON, new Retention(1, Optional.empty()))) {
            StoreDestination slow = store.receive(Optional.of(GUEST), Optional.empty(), PARAMETERS);
            store.complete(slow.place().guest(), (order, now) -> complete(slow, order, now));
            String fast = take(store, Optional.of(GUEST));
            assertTrue(Files.exists(root.resolve(slow.name())));
            slow.close();
            assertFalse(Files.exists(root.resolve(slow.name())));
            assertTrue(Files.exists(root.resolve(fast)));
        }
    }

    private static StoredImage complete(StoreDestination one, long order, Instant now) throws IOException {
        Path file = Path.of(one.location());
        Files.createDirectories(file.getParent());
        Files.createFile(file);
        return one.describe()
                .with(one.describe().facts().orElseThrow().withOrder(order).withCompleted(now));
    }
}
