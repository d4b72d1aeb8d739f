package io.pageferry.memory;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What the migrations of a process may take of its memory in all, and how much of it is taken. Nothing is allocated
 * here: who is about to take memory that a peer's word decides on says so before, and is refused where it is not left.
 * For any thread.
 */
public final class MemoryBudget {
    /** Where memory is. */
    public enum Kind {
        /** Objects and arrays: {@code -Xmx}. */
        HEAP,
        /** Buffers of the JDK outside the heap: {@code -XX:MaxDirectMemorySize}. */
        DIRECT,
        /**
         * What is mapped or allocated natively: page buffers, the windows and tables of codecs, TLS libraries. The
         * machine's, or the container's.
         */
        NATIVE
    }

    private static final class OfThisProcess {
        static final MemoryBudget BUDGET = ProcessMemory.budget();
    }

    private final long[] most;
    private final long[] taken = new long[Kind.values().length]; // guarded by this
    private final Map<String, long[]> takenByHolder = new HashMap<>(); // guarded by this

    /** Makes one with nothing taken; sizes in bytes. */
    public MemoryBudget(long heap, long direct, long nativeBytes) {
        most = new long[] {heap, direct, nativeBytes};
    }

    /** That of this process, by what the JVM and the machine have. */
    public static MemoryBudget ofThisProcess() {
        return OfThisProcess.BUDGET;
    }

    /** How much there is in all. */
    public long most(Kind kind) {
        return most[kind.ordinal()];
    }

    /** How much of it is taken. */
    public synchronized long taken(Kind kind) {
        return taken[kind.ordinal()];
    }

    /** One migration's share, which has nothing yet. */
    public Share open() {
        return open(Set.of(), 1);
    }

    /**
     * The same for a migration of somebody who may have others.
     *
     * @param holders whose it is, a host and a TLS identity, say
     * @param part of the budget that each of them may take with all migrations, above 0 and up to 1
     */
    public Share open(Set<String> holders, double part) {
        return new Share(Set.copyOf(holders), part);
    }

    private synchronized void take(Share share, Kind kind, long bytes, long own, String what) throws MemoryException {
        int i = kind.ordinal();
        if (bytes > most[i] - taken[i]) {
            throw new MemoryException(
                    "memory for a migration must be left, give the process more of it or let fewer in at once: kind="
                            + kind.name().toLowerCase(Locale.ROOT) + " what=\"" + what + "\" bytes=" + bytes
                            + " own=" + own + " taken=" + taken[i] + " most=" + most[i]);
        }
        long mostOfHolder = (long) (most[i] * share.part);
        for (String holder : share.holders) {
            long held = takenBy(holder, i);
            if (bytes > mostOfHolder - held) {
                throw new MemoryException(
                        "memory for migrations of one host, or one identity, must be host-share of what there is at"
                                + " the most: " + holder + " kind="
                                + kind.name().toLowerCase(Locale.ROOT) + " what=\"" + what + "\" bytes=" + bytes
                                + " held=" + held + " most=" + mostOfHolder + " host-share=" + share.part);
            }
        }
        taken[i] += bytes;
        share.holders.forEach(holder -> takenByHolder.computeIfAbsent(holder, _ -> new long[most.length])[i] += bytes);
    }

    private long takenBy(String holder, int kind) {
        long[] held = takenByHolder.get(holder);
        return held == null ? 0 : held[kind];
    }

    private synchronized void giveBack(Share share, long[] bytes) {
        subtract(taken, bytes);
        for (String holder : share.holders) {
            takenByHolder.computeIfPresent(holder, (_, held) -> isZero(subtract(held, bytes)) ? null : held);
        }
    }

    private static long[] subtract(long[] from, long[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            from[i] -= bytes[i];
        }
        return from;
    }

    private static boolean isZero(long[] bytes) {
        return Arrays.stream(bytes).allMatch(one -> one == 0);
    }

    /** What one migration has taken. Closing it gives all of it back; nothing can be taken then. For any thread. */
    public final class Share implements AutoCloseable {
        private final long[] own = new long[Kind.values().length]; // guarded by this
        private boolean closed; // guarded by this

        private final Set<String> holders;
        private final double part;

        private Share(Set<String> holders, double part) {
            this.holders = holders;
            this.part = part;
        }

        /**
         * Takes so many bytes, or nothing.
         *
         * @param what they are for, for messages
         * @throws MemoryException where they are not left
         */
        public synchronized void take(Kind kind, long bytes, String what) throws MemoryException {
            if (closed) {
                throw new MemoryException("memory must be taken before a migration's end: what=\"" + what + "\"");
            }
            MemoryBudget.this.take(this, kind, bytes, own[kind.ordinal()], what);
            own[kind.ordinal()] += bytes;
        }

        @Override
        public synchronized void close() {
            closed = true;
            giveBack(this, own);
            Arrays.fill(own, 0);
        }
    }
}
