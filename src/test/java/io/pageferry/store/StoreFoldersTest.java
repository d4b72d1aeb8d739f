package io.pageferry.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.LeakFree;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Folders of a store's guests: they come with the first image and go with the last. */
@LeakFree
@Timeout(30)
class StoreFoldersTest extends StoreScene {
    @Test
    void shouldSayThatItsFolderHasGone() throws Exception {
        try (ImageStore store = open(NOON, Retention.ALL);
                StoreDestination destination = store.receive(Optional.of(GUEST), Optional.empty(), PARAMETERS)) {
            Files.delete(root.resolve(".lock"));
            Files.delete(root.resolve(".pageferry").resolve("order"));
            Files.delete(root.resolve(".pageferry").resolve("order.lock"));
            Files.delete(root.resolve(".pageferry"));
            Files.delete(root);
            Throwable failure = run(destination).orElseThrow();
            assertTrue(
                    failure.getMessage().startsWith("store's folder must stay where it is: store=" + root),
                    failure.toString());
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
}
