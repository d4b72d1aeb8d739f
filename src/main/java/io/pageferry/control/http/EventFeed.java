package io.pageferry.control.http;

import io.pageferry.supervision.Faults;
import io.pageferry.supervision.Faults.Place;
import io.pageferry.supervision.Loop;
import io.pageferry.supervision.Threads;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import tools.jackson.databind.node.ObjectNode;

/**
 * The events that watchers are sent: the view, once a period, made once for all of them and only while there are any.
 * Who has the event before is sent what has changed since: nothing but a sign of life, or all but the images, which are
 * most of it and seldom change. One that is slow gets the latest when it is ready for it, and nothing is kept for it in
 * the meantime. For any thread.
 */
final class EventFeed implements AutoCloseable {
    /** A comment. */
    private static final String SIGN_OF_LIFE = ": as before";

    private final HttpView view;
    private final long periodMillis;
    private final int maxWatchers;
    private final Thread thread;

    private int watchers; // guarded by this
    private Event latest = new Event(0, new byte[0], new byte[0]); // guarded by this
    private String lastView = ""; // the publishing thread's
    private String lastImages = ""; // the publishing thread's
    private boolean closed; // guarded by this

    /**
     * An event as it goes over the wire.
     *
     * @param whole for who has not the event before
     * @param change for who has
     */
    record Event(long number, byte[] whole, byte[] change) {}

    EventFeed(HttpView view, Duration period, int maxWatchers) {
        this.view = view;
        this.periodMillis = period.toMillis();
        this.maxWatchers = maxWatchers;
        this.thread = Loop.start(Place.EVENTS, "http-events", this::publish);
    }

    private boolean publish() throws InterruptedException {
        if (!awaitWatchers()) {
            return false;
        }
        // What cannot be shown now may be a second later; nobody but watchers misses it.
        Faults.contain(Place.EVENTS, "view", () -> offer(view.toJson()));
        return awaitPeriod();
    }

    private synchronized boolean awaitWatchers() throws InterruptedException {
        while (watchers == 0 && !closed) {
            wait();
        }
        return !closed;
    }

    private void offer(ObjectNode json) {
        String all = json.toString();
        String images = json.path(HttpView.IMAGES).toString();
        String whole = "data: " + all;
        String change = whole;
        if (all.equals(lastView)) {
            change = SIGN_OF_LIFE;
        } else if (images.equals(lastImages)) {
            json.remove(HttpView.IMAGES);
            change = "data: " + json;
        }
        lastView = all;
        lastImages = images;
        publish(whole, change);
    }

    private synchronized void publish(String whole, String change) {
        long number = latest.number() + 1;
        latest = new Event(number, event(number, whole), event(number, change));
        notifyAll();
    }

    private static byte[] event(long number, String text) {
        return ("id: " + number + "\n" + text + "\n\n").getBytes(StandardCharsets.UTF_8);
    }

    /** Says whether another one is to follow. */
    private synchronized boolean awaitPeriod() throws InterruptedException {
        long end = System.nanoTime() + periodMillis * 1_000_000;
        for (long left = periodMillis; left > 0 && !closed; left = (end - System.nanoTime()) / 1_000_000) {
            wait(left);
        }
        return !closed;
    }

    /** Takes a seat; false where there is none left. */
    synchronized boolean join() {
        if (watchers == maxWatchers || closed) {
            return false;
        }
        watchers++;
        notifyAll();
        return true;
    }

    synchronized void leave() {
        watchers--;
    }

    /** The number of the event that came last; a new watcher waits for the next one. */
    synchronized long latest() {
        return latest.number();
    }

    /** Waits for an event after the one with that number; null when there will be none any more. */
    synchronized Event awaitAfter(long number) throws InterruptedException {
        while (latest.number() <= number && !closed) {
            wait();
        }
        return closed ? null : latest;
    }

    synchronized int watchers() {
        return watchers;
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        Threads.joinUnlessInterrupted(thread);
    }
}
