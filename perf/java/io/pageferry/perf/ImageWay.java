package io.pageferry.perf;

import io.pageferry.qemu.Qemu;

/** A way of Pageferry's to keep a guest in an image, and to give it back; not QEMU's own. */
interface ImageWay extends AutoCloseable {
    /** Removes the image, where there is one. */
    void remove() throws Exception;

    /** Whether there is an image to be loaded. */
    boolean kept() throws Exception;

    /**
     * Takes a guest.
     *
     * @param source stopped, and allowed to migrate
     * @return how many seconds it took until the image was on disk, whole, and the source knew
     */
    double save(Qemu source) throws Exception;

    /**
     * Gives the guest back.
     *
     * @param destination waits for its channels to be told where to listen
     */
    Loading load(Qemu destination) throws Exception;

    @Override
    default void close() {}

    /** A guest about to be loaded, as all has been prepared. */
    @FunctionalInterface
    interface Loading {
        /** Loads it; returns how many seconds it took. */
        double seconds() throws Exception;
    }
}
