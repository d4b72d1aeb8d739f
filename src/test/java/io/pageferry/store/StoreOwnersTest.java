package io.pageferry.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.image.ImageAccess;
import io.pageferry.store.folder.FolderStore;
import io.pageferry.testing.LeakFree;
import java.nio.file.Files;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose an image is, and what that is good for. */
@LeakFree
@Timeout(30)
class StoreOwnersTest extends StoreScene {
    @Test
    void shouldNotLetOneOwnersGuestSupersedeAnothersWithTheSameUuid() throws Exception {
        SettableClock clock = new SettableClock(NOON);
        try (ImageStore store = FolderStore.open(root, new Retention(1, Optional.empty()), 0, clock)) {
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
            try (ImageStore store = FolderStore.open(
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

    /** Else its source would be told that what is gone is safe. */
    @Test
    void shouldNotRemoveAnImageBeforeItsSourceHasBeenTold() throws Exception {
        try (ImageStore store = open(NOON, Retention.ALL)) {
            String name;
            try (StoreDestination destination = store.receive(Optional.empty(), Optional.empty(), PARAMETERS)) {
                run(destination);
                name = destination.name();
                StoreException refusal = assertThrows(StoreException.class, () -> store.remove(name));
                assertEquals(
                        "image must not be removed before its source has been told of it: image=" + name,
                        refusal.getMessage());
            }
            store.remove(name);
            assertEquals(List.of(), store.list());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "00112233-4455-6677-8899-aabbccddeeff"})
    void shouldRefuseAnIdentityThatAnOperatorCouldNotName(String owner) throws Exception {
        try (ImageStore store = open(NOON, Retention.ALL);
                StoreDestination destination = store.receive(Optional.of(GUEST), Optional.empty(), PARAMETERS)) {
            StoreException refusal = assertThrows(
                    StoreException.class, () -> destination.guestIs(Optional.of(GUEST), Optional.of(owner)));
            assertEquals("guest's TLS identity must not be 'none' or a uuid: identity=" + owner, refusal.getMessage());
        }
    }

    /** It may be the newest one, or another owner's. */
    @Test
    void shouldRefuseToChooseWhereAnImageOfTheGuestHasNoReadableSidecar() throws Exception {
        String spoilt;
        String older;
        try (ImageStore store = open(NOON, Retention.ALL)) {
            older = take(store, Optional.of(GUEST));
            spoilt = take(store, Optional.of(GUEST));
        }
        Files.writeString(root.resolve(spoilt + ".json"), "{");
        try (ImageStore store = open(NOON, Retention.ALL)) {
            for (Optional<String> owner : List.of(Optional.<String>empty(), Optional.of("none"))) {
                StoreException refusal =
                        assertThrows(StoreException.class, () -> store.lend(new ImageQuery(GUEST.toString(), owner)));
                assertTrue(refusal.getMessage().endsWith(" image=" + spoilt), refusal.getMessage());
            }
            store.lend(new ImageQuery(older, Optional.empty())).close();
        }
    }
}
