package io.pageferry.store;

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

    @Override
    public synchronized void close() {
        if (!returned) {
            returned = true;
            store.takeBack(image.name());
        }
    }
}
