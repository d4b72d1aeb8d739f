package io.pageferry.store;

import io.pageferry.checkpoint.Checkpoint;
import io.pageferry.config.MigrationParameters;
import java.io.IOException;

/** An image that somebody reads: it is not removed before it is given back. */
public final class Loan implements AutoCloseable {
    private final ImageStore store;
    private final StoredImage image;
    private boolean returned; // guarded by this

    Loan(ImageStore store, StoredImage image) {
        this.store = store;
        this.image = image;
    }

    public StoredImage image() {
        return image;
    }

    /**
     * Opens it; it is its opener's to close, before it is given back.
     *
     * @param parameters {@code max-ram} and {@code direct-io} count
     */
    public Checkpoint open(MigrationParameters parameters) throws IOException {
        return store.backend().open(image, parameters);
    }

    @Override
    public synchronized void close() {
        if (!returned) {
            returned = true;
            store.takeBack(image.name());
        }
    }
}
