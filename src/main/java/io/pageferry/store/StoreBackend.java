package io.pageferry.store;

import io.pageferry.checkpoint.Checkpoint;
import io.pageferry.checkpoint.CheckpointFacts;
import io.pageferry.checkpoint.SpaceReservation;
import io.pageferry.config.MigrationParameters;
import io.pageferry.session.CheckpointDestination;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Where a store's images lie. It knows how to keep them, and nothing of which of them should stay. For any thread; who
 * calls sees to it that one name is not begun, or removed, twice at a time.
 */
public interface StoreBackend extends AutoCloseable {
    /** Where it is, for messages. */
    Path location();

    /** Where an image is, or is going to be. */
    Path pathOf(String name);

    /** How many bytes can still be kept. */
    long freeBytes() throws IOException;

    /** Whether something is there of that name, be it an image or not. */
    boolean isTaken(String name);

    /**
     * Makes sure that an image of that name would be the store's own.
     *
     * @throws StoreException where it would be found by nobody who looks into the store later
     */
    void requireOwn(String name) throws StoreException;

    /**
     * Begins an image.
     *
     * @param reservation is asked before anything is written
     */
    CheckpointDestination begin(String name, MigrationParameters parameters, SpaceReservation reservation)
            throws IOException;

    /** Nothing is there of that name any more, or is going to be: what was made for it goes. */
    void vacate(String name);

    /**
     * Opens an image.
     *
     * @param parameters {@code max-ram} and {@code direct-io} count
     */
    Checkpoint open(StoredImage image, MigrationParameters parameters) throws IOException;

    /** Replaces the facts of an image, durably. */
    void writeFacts(StoredImage image, CheckpointFacts facts) throws IOException;

    /**
     * Removes an image with its facts.
     *
     * @throws IOException where it cannot be removed; all of it is still there
     */
    void remove(StoredImage image) throws IOException;

    /** A number that is higher than all before, whatever clocks say and however often the process was killed. */
    long nextOrder() throws IOException;

    /** Lets go of it: another process may have it then. */
    @Override
    void close();
}
