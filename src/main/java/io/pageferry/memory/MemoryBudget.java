package io.pageferry.memory;

import java.util.Arrays;
import java.util.Locale;

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
        return new Share();
    }

    private synchronized void take(Kind kind, long bytes, long own, String what) throws MemoryException {
        int i = kind.ordinal();
        if (bytes > most[i] - taken[i]) {
            throw new MemoryException(
                    "memory for a migration must be left, give the process more of it or let fewer in at once: kind="
                            + kind.name().toLowerCase(Locale.ROOT) + " what=\"" + what + "\" bytes=" + bytes
                            + " own=" + own + " taken=" + taken[i] + " most=" + most[i]);
        }
        taken[i] += bytes;
    }

    private synchronized void giveBack(long[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            taken[i] -= bytes[i];
        }
    }

    /** What one migration has taken. Closing it gives all of it back; nothing can be taken then. For any thread. */
    public final class Share implements AutoCloseable {
        private final long[] own = new long[Kind.values().length]; // guarded by this
        private boolean closed; // guarded by this

        private Share() {}

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
            MemoryBudget.this.take(kind, bytes, own[kind.ordinal()], what);
            own[kind.ordinal()] += bytes;
        }

        @Override
        public synchronized void close() {
            closed = true;
            giveBack(own);
            Arrays.fill(own, 0);
        }
    }
}
