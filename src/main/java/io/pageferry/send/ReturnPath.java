package io.pageferry.send;

import io.pageferry.net.Connection;
import io.pageferry.net.NetException;
import io.pageferry.net.StallWatch;
import io.pageferry.stream.ReturnPathMessage;
import io.pageferry.stream.StreamException;
import io.pageferry.stream.StreamInput;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Listens to what the destination says on the main channel, on a thread of its own ({@code source_return_path_thread}). */
final class ReturnPath {
    /** How long a broken connection may wait for the destination's own word on it, which says more than "broken pipe". */
    private static final long LAST_WORD_MILLIS = 200;

    private final StallWatch watch;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean allSent;
    private volatile boolean loaded;
    private volatile SendException verdict;

    ReturnPath(StallWatch watch) {
        this.watch = watch;
    }

    /** The return path's thread: reads until the destination has said that it is done. */
    void run(Connection main) throws IOException {
        try {
            StreamInput in = new StreamInput(main::readWhenSaid);
            ReturnPathMessage message;
            do {
                if (in.isAtEnd("destination's answer")) {
                    throw new NetException(
                            "destination must answer before it closes: " + main.name() + " awaited=\"SHUT\"");
                }
                message = ReturnPathMessage.read(in);
            } while (message.type() != ReturnPathMessage.SHUT);
            if (message.number() != 0) {
                verdict =
                        new SendException("destination must take the guest, it says that it failed (its log says why):"
                                + " error=" + message.number());
                throw verdict;
            }
            if (!allSent) {
                throw new StreamException("destination must not be done before all is sent: message=SHUT");
            }
            loaded = true;
        } finally {
            ended.countDown();
        }
    }

    /** The main thread, all being sent: waits for the destination to say that it has the guest. */
    void awaitLoaded() throws InterruptedException {
        watch.demand(true);
        ended.await();
        watch.demand(false);
    }

    /** The main thread, just before the last bytes go. */
    void lastBytesFollow() {
        allSent = true;
    }

    boolean isLoaded() {
        return loaded;
    }

    /** What to call a failure of a connection: what the destination said of it, if it says anything right now. */
    IOException explain(NetException failure) throws InterruptedException {
        if (ended.await(LAST_WORD_MILLIS, TimeUnit.MILLISECONDS) && verdict != null) {
            return verdict;
        }
        return failure;
    }
}
