package io.pageferry.store;

import io.pageferry.checkpoint.Checkpoint;
import io.pageferry.checkpoint.CheckpointFacts;
import io.pageferry.checkpoint.CheckpointWriter;
import io.pageferry.checkpoint.SpaceReservation;
import io.pageferry.config.MigrationParameters;
import io.pageferry.memory.BufferPool;
import io.pageferry.memory.RamLayout;
import java.io.IOException;
import java.util.Map;

/**
 * Where a store's images lie. It knows how to keep them, and nothing of which of them should stay. For any thread; who
 * calls sees to it that one name is not begun, or removed, twice at a time.
 */
public interface StoreBackend extends AutoCloseable {
    /** Where it is, for messages: a folder's path, say. What lies in it has a location that begins with this. */
    String location();

    /** Where an image is, or is going to be, for messages. */
    String locationOf(String name);

    /** How many bytes can still be kept. */
    long freeBytes() throws IOException;

    /** How many bytes a guest with such RAM takes at the most, but for its device state. */
    long maxBytes(RamLayout ram);

    /** How many bytes a complete image has; 0 where that cannot be said. */
    long bytesOf(String name);

    /**
     * Finds all complete images, by name: also what other processes have brought.
     *
     * @throws StoreException where it cannot be looked
     */
    Map<String, StoredImage> scan() throws StoreException;

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
     * @param parameters {@code direct-io} counts
     * @param buffers where page data waits to be written, the caller's to close; each buffer holds a packet's
     * @param reservation is asked before anything is written
     */
    CheckpointWriter begin(
            String name, MigrationParameters parameters, BufferPool buffers, SpaceReservation reservation)
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
     * Removes an image with its facts; nothing where another process has done so.
     *
     * @throws IOException where it cannot be removed, or somebody reads it; all of it is still there
     */
    void remove(StoredImage image) throws IOException;

    /** A number that is higher than all before, whatever clocks say and however often the process was killed. */
    long nextOrder() throws IOException;

    /** Lets go of it: another process may have it then. */
    @Override
    void close();
}
