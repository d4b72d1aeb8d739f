package io.pageferry.send.postcopy;

import io.pageferry.memory.RamBlock;
import io.pageferry.net.Connection;
import io.pageferry.net.NetException;
import io.pageferry.net.StallWatch;
import io.pageferry.send.SendException;
import io.pageferry.stream.PostcopyMessage;
import io.pageferry.stream.ReturnPathMessage;
import io.pageferry.stream.StreamException;
import io.pageferry.stream.StreamInput;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Listens to what the destination says, and answers it, on a thread of its own. */
final class PostcopyReturnPath {
    /**
     * How long a broken connection may wait for the destination's own word on it, which says more than "broken pipe".
     */
    private static final long LAST_WORD_MILLIS = 500;

    private final boolean resuming;
    private final PushWindow window;
    private final StallWatch watch;
    private final Semaphore told = new Semaphore(0); // of what the main thread has asked
    private final CountDownLatch loaded = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile RamBlock asked;
    private volatile boolean resumeAsked;
    private volatile boolean running;
    private volatile boolean allSent;
    private volatile boolean completed;
    private volatile IOException verdict;

    /**
     * Makes one.
     *
     * @param resuming whether the guest has run there before
     */
    PostcopyReturnPath(boolean resuming, PushWindow window, StallWatch watch) {
        this.resuming = resuming;
        this.window = window;
        this.watch = watch;
    }

    /** The return path's thread: reads until the destination has said that it is done. */
    void run(Connection main, PageLedger ledger, PageAnswers answers) throws IOException, InterruptedException {
        try {
            listen(main, ledger, answers);
            completed = true;
        } catch (IOException e) {
            verdict = e;
            throw e;
        } finally {
            ended.countDown();
            loaded.countDown();
            told.release();
        }
    }

    private void listen(Connection main, PageLedger ledger, PageAnswers answers)
            throws IOException, InterruptedException {
        StreamInput in = new StreamInput(main::readWhenSaid);
        try {
            while (!in.isAtEnd("destination's answer")) {
                switch (PostcopyMessage.read(in)) {
                    case PostcopyMessage.Shut(int error) -> {
                        requireDone(error);
                        return;
                    }
                    case PostcopyMessage.Pong(int number) -> pong(number);
                    case PostcopyMessage.PageRequest request -> {
                        requireAnswerable(request);
                        answers.answer(request);
                    }
                    case PostcopyMessage.SwitchoverAck _ -> {
                        // May be given unasked; nothing is done here before it.
                    }
                    case PostcopyMessage.ReceivedPages(String block) -> received(in, block, ledger);
                    case PostcopyMessage.Resumed(int value) -> resumed(value);
                }
            }
        } catch (NetException e) {
            throw closedEarly(main, e);
        }
        throw closedEarly(main, null);
    }

    private void pong(int number) throws StreamException {
        if (number == ReturnPathMessage.PONG_PACKAGED_LOADED) {
            running = true;
            loaded.countDown();
        } else if (PushWindow.isOfPush(number)) {
            window.answered(number);
        } else if (number < PostcopyScript.FIRST_PING || number > PostcopyScript.LAST_PING) {
            throw new StreamException("PONG must answer a PING: number=" + Integer.toUnsignedString(number) + " sent="
                    + PostcopyScript.FIRST_PING + " to " + PostcopyScript.LAST_PING + " and "
                    + ReturnPathMessage.PONG_PACKAGED_LOADED);
        }
    }

    private void received(StreamInput in, String name, PageLedger ledger) throws IOException {
        RamBlock block = asked;
        if (block == null || !block.name().equals(name)) {
            throw unasked("RECV_BITMAP of " + name);
        }
        asked = null;
        ledger.received(block, ReceivedPages.read(in, block));
        told.release();
    }

    private void resumed(int value) throws IOException {
        if (!resumeAsked) {
            throw unasked("RESUME_ACK");
        }
        if (value != PostcopyMessage.RESUME_OK) {
            throw new SendException(
                    "destination must go on, it says that it cannot (its log says why): answer=" + value);
        }
        resumeAsked = false;
        running = true;
        told.release();
    }

    /** After a break, what has come must be known first: a page that is sent again ends the destination. */
    private void requireAnswerable(PostcopyMessage.PageRequest request) throws StreamException {
        if (resuming && !resumeAsked && !running) {
            throw new StreamException("destination must not ask for pages before it is to go on: start=0x"
                    + Long.toHexString(request.start()));
        }
    }

    private void requireDone(int error) throws IOException {
        if (error != 0) {
            throw new SendException(
                    "destination must take the guest, it says that it failed (its log says why): error=" + error);
        }
        if (!allSent) {
            throw new StreamException("destination must not be done before all is sent: message=SHUT");
        }
    }

    private static StreamException unasked(String message) {
        return new StreamException("destination must not answer what it was not asked: message=" + message);
    }

    private static SendException closedEarly(Connection main, NetException reason) {
        return new SendException(
                "destination must answer before it closes (its log says why): " + main.name() + " awaited=\"SHUT\""
                        + (reason == null || reason.getCause() == null
                                ? ""
                                : " reason=\"" + reason.getCause().getMessage() + "\""),
                reason);
    }

    /** The main thread, before it asks which pages of a block have come. */
    void received(RamBlock block) {
        asked = block;
    }

    /** The main thread, before it says that the guest may go on. */
    void resumeFollows() {
        resumeAsked = true;
    }

    /** The main thread, having asked or said that: waits for the answer. */
    void awaitAnswer() throws IOException, InterruptedException {
        watch.demand(true);
        told.acquire();
        watch.demand(false);
        requireNotEnded();
    }

    private void requireNotEnded() throws IOException, InterruptedException {
        if (ended.getCount() > 0) {
            return;
        }
        if (verdict != null) {
            throw verdict;
        }
        throw new InterruptedException(); // as the return path's thread was
    }

    /** The main thread, the package being sent: waits until the guest runs there. */
    void awaitRunning() throws IOException, InterruptedException {
        await(loaded);
        if (!running) {
            requireNotEnded();
        }
    }

    /** The main thread, all being sent: waits for the destination to say that it has all. */
    void awaitCompleted() throws InterruptedException {
        await(ended);
    }

    private void await(CountDownLatch latch) throws InterruptedException {
        watch.demand(true);
        latch.await();
        watch.demand(false);
    }

    /** The main thread, just before it says that all is sent. */
    void endFollows() {
        allSent = true;
    }

    /** Whether the guest has run there, as far as the destination has said. For any thread. */
    boolean isRunning() {
        return running;
    }

    /** Whether the destination has said that it has all. For any thread. */
    boolean isCompleted() {
        return completed;
    }

    /** What to call a failure of a connection: what the destination said of it, if it says anything right now. */
    IOException explain(IOException failure) throws InterruptedException {
        if (ended.await(LAST_WORD_MILLIS, TimeUnit.MILLISECONDS) && verdict != null) {
            return verdict;
        }
        return failure;
    }
}
