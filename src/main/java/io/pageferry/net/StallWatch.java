package io.pageferry.net;

import io.pageferry.config.TimeSpan;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * The deadlines of one migration: knows of every wait on its peer, and fails once one has lasted for
 * {@code stall-timeout}.
 *
 * <p>{@link #watch} runs on a virtual thread of its own, in the migration's scope: its failure is the migration's. It
 * sleeps until the earliest moment at which a wait could expire and looks at nothing in between, so a wait costs its
 * thread two stores and no timer.
 *
 * <p>Each connection has a {@link Slot}, written by the thread that uses the connection. There are three kinds of wait:
 *
 * <ol>
 *   <li>{@link Slot#expect}: the peer must send or take a byte. In the middle of a message this always holds.
 *   <li>{@link Slot#idle}: the peer may be silent here as long as it says something elsewhere. The main channel. Where
 *       something is expected elsewhere, it is that which is missing. {@link Slot#pausable}: between two sections of
 *       RAM a source whose user has it {@code pause-before-switchover} says nothing anywhere, for hours perhaps. It may
 *       as long as it lives, if it listens: something is said to it now and then, which its kernel acknowledges, and
 *       which it reads, so that more can be said ({@link DeliveryWatch}).
 *   <li>{@link Slot#quiet}: silence is no fault at all, except while a sync demands that something comes. A multifd
 *       channel between packets.
 * </ol>
 *
 * <p>Who takes a guest in asks for more, or a peer could keep its place for ever with words alone:
 * {@linkplain #forIntake there} pages or device state must come, in all of the migration together, at least once in
 * {@link PayloadDeadline#TIMEOUTS} times the timeout, and among {@link #MAX_OTHER_BYTES} of a connection's other bytes.
 * A page that comes by bits counts when {@link #PAYLOAD_BYTES} of such have come; one that is zero counts, too. Time in
 * which we are busy or let the peer wait does not count.
 *
 * <p>Who sends a guest waits for a peer that may be slow. {@linkplain #forSending There} the peer lives, and no wait
 * counts, as long as it takes bytes on any connection, which the kernel knows ({@link DeliveryWatch}): a destination
 * has stalled when it has neither taken nor sent a byte for the timeout, nor a part of it more.
 *
 * <p>While a connection's thread is {@linkplain Slot#busy busy}, the peer may have to wait for us: then nobody is too
 * idle.
 */
public final class StallWatch {
    /** A page, whatever the guest's page size: less than that is not worth a place here. */
    public static final int PAYLOAD_BYTES = 4096;

    /**
     * Many times the longest list of RAM blocks. Without this, one whom we read slowly could go on for as long as we
     * let it wait.
     */
    private static final long MAX_OTHER_BYTES = 16L << 20;

    /** Work that takes a smaller part of the timeout is no reason why pages are late. */
    private static final int PART = 16;

    private static final long NOT_ARMED = Long.MIN_VALUE;

    private final long timeoutNanos;
    private final boolean demandsPayload;
    private final List<Slot> slots = new CopyOnWriteArrayList<>();

    /** Nothing expires before. Written by whoever sees the first sign of the peer. */
    private volatile long armedNanos = NOT_ARMED;

    /** Since when the quiet must speak; written by the thread that syncs. */
    private volatile long demandedNanos;

    private volatile boolean demanded;

    private final PayloadDeadline payload;

    /** The watching thread's. */
    private final DeliveryWatch delivery;

    /** A watch over a peer that brings a guest, or takes one, or anybody else. */
    public StallWatch(Duration timeout) {
        this(timeout, false, DeliveryWatch.ofSource(timeout.toNanos()));
    }

    private StallWatch(Duration timeout, boolean demandsPayload, DeliveryWatch delivery) {
        this.timeoutNanos = timeout.toNanos();
        this.demandsPayload = demandsPayload;
        this.payload = new PayloadDeadline(timeoutNanos);
        this.delivery = delivery;
    }

    /** A watch over a peer that lives as long as it takes bytes. */
    public static StallWatch forSending(Duration timeout) {
        return new StallWatch(timeout, false, DeliveryWatch.ofDestination(timeout.toNanos()));
    }

    /** A watch over a peer that must bring pages or device state. */
    public static StallWatch forIntake(Duration timeout) {
        return new StallWatch(timeout, true, DeliveryWatch.ofSource(timeout.toNanos()));
    }

    /** The peer has brought all that it has: from now on only waits count. */
    public void payloadIsComplete() {
        payload.complete();
    }

    /** Makes the slot of one connection. */
    public Slot slot(String owner) {
        return slot(owner, () -> Delivery.UNKNOWN);
    }

    /** Makes the slot of one connection, which knows how far what was written has got. */
    Slot slot(String owner, Supplier<Delivery> delivery) {
        Slot slot = new Slot(owner, delivery);
        slots.add(slot);
        return slot;
    }

    /** Lets the time count from now on: a peer is there, or another of its connections came. For any thread. */
    public void arm() {
        long now = System.nanoTime();
        payload.came(now);
        armedNanos = now;
    }

    /** Says whether connections that are otherwise free to be quiet must bring something now: a sync waits for it. */
    public void demand(boolean now) {
        demandedNanos = System.nanoTime();
        demanded = now;
    }

    /**
     * Watches until it is interrupted.
     *
     * @throws NetException once a wait has lasted too long
     */
    public Void watch() throws NetException {
        while (true) {
            long now = System.nanoTime();
            long untilExpiry = delivery.restNanos(timeoutNanos);
            if (armedNanos != NOT_ARMED) {
                long lastActivity = isAnythingExpected() ? now : lastActivity(now);
                for (Slot slot : slots) {
                    long waited = slot.waitedNanos(now, lastActivity);
                    if (waited > 0) {
                        waited = delivery.counted(waited, slot.mayPause() && !isAwaited(), now, slots);
                        untilExpiry = Math.min(untilExpiry, delivery.periodNanos());
                    }
                    if (waited >= timeoutNanos) {
                        throw new NetException("peer must not be silent for longer than stall-timeout: " + slot.owner
                                + " awaited=\"" + slot.what + "\" waited=" + TimeSpan.format(waited) + " stall-timeout="
                                + TimeSpan.format(timeoutNanos));
                    }
                    untilExpiry = Math.min(untilExpiry, timeoutNanos - waited);
                }
                if (demandsPayload && !payload.isComplete()) {
                    untilExpiry = Math.min(untilExpiry, untilPayloadIsDue(now));
                }
            }
            LockSupport.parkNanos(this, untilExpiry);
            if (Thread.interrupted()) {
                return null;
            }
        }
    }

    private boolean isAwaited() {
        return demanded || isAnythingExpected();
    }

    /**
     * Whether the peer is silent at a place where it may pause: its user keeps it there, or it has nothing to say. For
     * any thread.
     */
    public boolean isPaused() {
        long now = System.nanoTime();
        return !isAwaited()
                && now - lastActivity(now) >= delivery.periodNanos()
                && slots.stream().anyMatch(Slot::mayPause);
    }

    private long untilPayloadIsDue(long now) throws NetException {
        if (isPaused()) {
            payload.postpone(now);
            return delivery.periodNanos();
        }
        boolean awaited = false;
        for (Slot slot : slots) {
            WaitKind kind = slot.kind;
            if (kind == WaitKind.BUSY) {
                payload.postpone(now);
                return timeoutNanos;
            }
            awaited |= kind == WaitKind.EXPECT
                    || kind == WaitKind.IDLE
                    || kind == WaitKind.PAUSABLE
                    || kind == WaitKind.QUIET && demanded;
        }
        return payload.untilDue(now, awaited);
    }

    private boolean isAnythingExpected() {
        for (Slot slot : slots) {
            if (slot.kind == WaitKind.EXPECT) {
                return true;
            }
        }
        return false;
    }

    private long lastActivity(long now) {
        long last = armedNanos;
        for (Slot slot : slots) {
            long activity = slot.kind == WaitKind.BUSY || slot.kind == WaitKind.PAUSED ? now : slot.activityNanos;
            if (activity - last > 0) {
                last = activity;
            }
        }
        return last;
    }

    /** The waits of one connection. One thread at a time writes it. */
    public final class Slot {
        private volatile String owner;
        private volatile Object what = "";
        private volatile WaitKind kind = WaitKind.NONE;
        private volatile long sinceNanos;
        private volatile long activityNanos = System.nanoTime();

        // The reading thread's.
        private long otherBytes;
        private long payloadBytes;
        private long seenMark;

        // The watching thread's.
        private final Supplier<Delivery> delivery;
        private Delivery delivered;

        private Slot(String owner, Supplier<Delivery> delivery) {
            this.owner = owner;
            this.delivery = delivery;
        }

        /** Whether the peer has taken bytes since it was asked what it has taken. */
        boolean hasTakenSome() {
            Delivery before = delivered;
            delivered = delivery.get();
            return before != null && before.mark() != delivered.mark();
        }

        boolean hasTakenSomeOrAll() {
            return hasTakenSome() || !delivered.isPending();
        }

        /** Says who the slot's connection has turned out to be, such as {@code channel=3}. */
        public void owner(String name) {
            owner = name;
        }

        public String owner() {
            return owner;
        }

        /**
         * Begins a wait in which the peer must do something.
         *
         * @param what is asked for its words only when the wait has lasted too long
         */
        public void expect(Object what) {
            begin(WaitKind.EXPECT, what);
        }

        /** Begins a wait in which the peer may be busy with other connections of the migration. */
        public void idle(String what) {
            begin(WaitKind.IDLE, what);
        }

        /** The same, where the peer may pause for as long as it likes, if it shows that it lives. */
        void pausable(String what) {
            begin(WaitKind.PAUSABLE, what);
        }

        boolean mayPause() {
            return kind == WaitKind.PAUSABLE;
        }

        /** Begins a wait in which the peer may have nothing to say. */
        public void quiet(String what) {
            begin(WaitKind.QUIET, what);
        }

        /**
         * Begins work on what the peer has sent, such as writing it to a disk. No wait on the peer, however long it
         * takes.
         */
        public void busy() {
            begin(WaitKind.BUSY, "");
        }

        /** Ends the work: what the peer could not say meanwhile is awaited from now on. */
        public void worked() {
            long began = sinceNanos;
            progress();
            if (activityNanos - began > timeoutNanos / PART) {
                payload.came(activityNanos); // not for a moment, or a byte now and then would count as payload
            }
            done();
        }

        /** What the slot's own thread does to a wait of its own that it interrupts. */
        final class Pause {
            private final WaitKind before = kind;

            /** The wait goes on, and counts from now. */
            void end() {
                payload.pauseEnds();
                progress();
                kind = before;
            }
        }

        /** We are the ones who are waited for, until the pause ends. */
        Pause pause() {
            Pause pause = new Pause();
            payload.pauseBegins();
            kind = WaitKind.PAUSED;
            return pause;
        }

        private void begin(WaitKind kind, Object what) {
            // No kind while the fields change, so that the watcher never takes a new wait to have begun with an old
            // one.
            this.kind = WaitKind.NONE;
            this.what = what;
            this.sinceNanos = System.nanoTime();
            this.kind = kind;
        }

        /** The peer did something: the wait, if it goes on, counts from now. */
        public void progress() {
            long now = System.nanoTime();
            sinceNanos = now;
            activityNanos = now;
        }

        /**
         * The peer has sent something.
         *
         * @throws NetException where that has been nothing but words for too long
         */
        void heard(long bytes) throws NetException {
            progress();
            long mark = payload.mark();
            otherBytes = mark == seenMark ? otherBytes + bytes : bytes;
            seenMark = mark;
            if (demandsPayload && otherBytes > MAX_OTHER_BYTES) {
                throw new NetException("peer must bring pages or device state among what else it says: " + owner
                        + " bytes=" + otherBytes + " most=" + MAX_OTHER_BYTES);
            }
        }

        /** Of what the peer has sent, so much was pages or device state. */
        void payload(long bytes) {
            payloadBytes += bytes;
            if (payloadBytes >= PAYLOAD_BYTES) {
                payloadBytes = 0;
                payload.brought(System.nanoTime());
            }
        }

        /** Ends the wait. */
        public void done() {
            kind = WaitKind.NONE;
        }

        /** Takes the slot out of the watch: its connection is not used any more. */
        public void remove() {
            slots.remove(this);
        }

        private long waitedNanos(long now, long lastActivity) {
            WaitKind kind = this.kind;
            long since = sinceNanos;
            if (kind == WaitKind.NONE || kind == WaitKind.BUSY || kind == WaitKind.PAUSED || kind != this.kind) {
                return 0;
            }
            since = later(since, armedNanos);
            if (kind == WaitKind.IDLE || kind == WaitKind.PAUSABLE) {
                since = later(since, lastActivity);
            }
            if (kind == WaitKind.QUIET) {
                if (!demanded) {
                    return 0;
                }
                since = later(since, demandedNanos);
            }
            return now - since;
        }

        private static long later(long a, long b) {
            return a - b > 0 ? a : b;
        }
    }
}
