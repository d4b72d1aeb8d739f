package io.pageferry.send;

import io.pageferry.handoff.SyncRequest;
import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.PageBatch;
import io.pageferry.stream.DeviceStateSource;
import java.io.IOException;

/** Where a channel's batches go: packets on a connection, or places in an image. Belongs to the channel's thread. */
interface BatchOutput extends AutoCloseable {
    /** Sends a batch whose normal pages are loaded and whose zero pages, if any, are known. */
    void send(PageBatch batch, LoadedPages pages) throws IOException, InterruptedException;

    /**
     * Sends a piece of device state.
     *
     * @param index its place in the source's list
     */
    default void send(DeviceStateSource source, int index) throws IOException, InterruptedException {
        throw new IllegalStateException("device state goes to a peer only");
    }

    /** Lets everything that was sent before go on its way: nothing comes for a while, or ever. */
    default void pause() throws IOException, InterruptedException {}

    /** Does what a sync asks for, after everything sent before it. */
    void sync(SyncRequest request) throws IOException, InterruptedException;

    @Override
    void close();
}
