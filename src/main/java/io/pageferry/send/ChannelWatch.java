package io.pageferry.send;

import io.pageferry.net.Connection;
import io.pageferry.net.NetException;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Notices, on a thread of its own, that the destination lets go of a channel: who writes to it would not, as long as
 * there is nothing to write.
 *
 * <p>Once the channel has come to its end the destination may close it, as QEMU does before it says that it has the
 * guest. A connection that breaks then has taken with it what was still on its way, unless the destination says right
 * now that it has the guest.
 */
final class ChannelWatch {
    private final int channel;
    private final ReturnPath returnPath;
    private final CompletableFuture<Connection> connected = new CompletableFuture<>();

    private volatile boolean allWritten; // written by the main thread, once
    private volatile NetException writeFailure; // written by the channel's thread, once

    ChannelWatch(int channel, ReturnPath returnPath) {
        this.channel = channel;
        this.returnPath = returnPath;
    }

    /** The channel's thread: there is something to watch. */
    void begin(Connection connection) {
        connected.complete(connection);
    }

    /**
     * The main thread, before it says the last that the destination waits for: nothing is going to be written to the
     * channel but the end.
     */
    void endFollows() {
        allWritten = true;
    }

    /** The channel's thread: what to call a failure to write. */
    IOException writeFailed(NetException failure) throws InterruptedException {
        writeFailure = failure;
        return returnPath.explain(failure);
    }

    /** The watching thread: comes back when the destination has closed the channel and may. */
    void run() throws IOException, InterruptedException {
        try {
            awaitConnection().awaitEnd();
        } catch (NetException e) {
            IOException explained = explain(e);
            if (returnPath.isLoaded()) {
                return;
            }
            throw explained;
        }
        if (!allWritten) {
            throw explain(new SendException(
                    "destination must not close a channel before all is sent (its log says why): channel=" + channel));
        }
    }

    private Connection awaitConnection() throws InterruptedException {
        try {
            return connected.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * That a connection is broken is told once: who was writing has heard it, and all that is left to be read is an
     * end.
     */
    private IOException explain(IOException failure) throws InterruptedException {
        IOException explained = returnPath.explain(failure);
        return explained == failure && writeFailure != null ? writeFailure : explained;
    }
}
