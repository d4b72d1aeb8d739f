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

/**
 * Listens to what the destination says on the main channel, on a thread of its own ({@code source_return_path_thread}).
 */
final class ReturnPath {
    /**
     * How long a broken connection may wait for the destination's own word on it, which says more than "broken pipe".
     */
    private static final long LAST_WORD_MILLIS = 500;

    private final StallWatch watch;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean allSent;
    private volatile boolean answered;
    private volatile boolean loaded;
    private volatile SendException verdict;

    ReturnPath(StallWatch watch) {
        this.watch = watch;
    }

    /** The return path's thread: reads until the destination has said that it is done. */
    void run(Connection main) throws IOException {
        try {
            listen(main);
            loaded = true;
        } catch (SendException e) {
            verdict = e;
            throw e;
        } finally {
            ended.countDown();
        }
    }

    private void listen(Connection main) throws IOException {
        ReturnPathMessage message = awaitShut(main);
        answered = true;
        if (message.number() != 0) {
            throw new SendException("destination must take the guest, it says that it failed (its log says why):"
                    + " error=" + message.number());
        }
        if (!allSent) {
            throw new StreamException("destination must not be done before all is sent: message=SHUT");
        }
    }

    private static ReturnPathMessage awaitShut(Connection main) throws IOException {
        StreamInput in = new StreamInput(main::readWhenSaid);
        try {
            while (!in.isAtEnd("destination's answer")) {
                ReturnPathMessage message = ReturnPathMessage.read(in);
                if (message.type() == ReturnPathMessage.SHUT) {
                    return message;
                }
                if (message.type() == ReturnPathMessage.PONG && message.number() != MainSender.PING_NUMBER) {
                    throw new StreamException("PONG must answer a PING: number="
                            + Integer.toUnsignedString(message.number()) + " sent=" + MainSender.PING_NUMBER);
                }
                // The same PONG once more is a sign of life, of a destination that is still at work: that it was heard
                // lets
                // the wait count anew. SWITCHOVER_ACK may be given unasked; nothing is done here before it.
            }
        } catch (NetException e) {
            throw closedEarly(main, e);
        }
        throw closedEarly(main, null);
    }

    private static SendException closedEarly(Connection main, NetException reason) {
        return new SendException(
                "destination must answer before it closes (its log says why): " + main.name() + " awaited=\"SHUT\""
                        + (reason == null
                                ? ""
                                : " reason=\"" + reason.getCause().getMessage() + "\""),
                reason);
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

    /** The main thread: not all of the last bytes have gone, so that the destination cannot have the guest. */
    void lastBytesLost() {
        allSent = false;
    }

    /** Whether the destination may have the guest and has not said so, nor the contrary. */
    boolean isInDoubt() {
        return allSent && !answered;
    }

    /** Whether the destination has said that it has the guest. */
    boolean isLoaded() {
        return loaded;
    }

    /** What to call a failure of a connection: what the destination said of it, if it says anything right now. */
    IOException explain(IOException failure) throws InterruptedException {
        if (ended.await(LAST_WORD_MILLIS, TimeUnit.MILLISECONDS) && verdict != null) {
            return verdict;
        }
        return failure;
    }
}
