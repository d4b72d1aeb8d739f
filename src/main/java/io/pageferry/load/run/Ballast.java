package io.pageferry.load.run;

import io.pageferry.memory.MemoryRegion;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Memory that is kept ready for what is measured next: it has been written, and is let go of just before the other
 * needs it. For one thread at a time.
 *
 * <p>A virtual machine gets its memory from its host when it first touches it, and that can be ten times slower than
 * all later use. Many give it back a second or two after it was freed (free page reporting): memory that was written
 * once at the beginning is cold again by the time it is used, or is not, by chance.
 */
public final class Ballast implements AutoCloseable {
    private static final long PIECE_BYTES = 64L << 20;

    private final long sizeBytes;
    private final Deque<MemoryRegion> held = new ArrayDeque<>();
    private long heldBytes;

    /** Nothing is held yet. */
    public Ballast(long sizeBytes) {
        this.sizeBytes = sizeBytes;
    }

    /** How much it holds when it holds all. */
    public long sizeBytes() {
        return sizeBytes;
    }

    /** Takes the memory and writes it, best when as much has just been freed. */
    public void hold() {
        while (heldBytes < sizeBytes) {
            MemoryRegion piece = MemoryRegion.allocate(Math.min(PIECE_BYTES, sizeBytes - heldBytes));
            piece.segment().fill((byte) 1);
            held.add(piece);
            heldBytes += piece.sizeBytes();
        }
    }

    /** Lets go of so many pieces that it holds no more than that. */
    public void releaseDownTo(long mostBytes) {
        while (!held.isEmpty() && heldBytes > mostBytes) {
            MemoryRegion piece = held.remove();
            heldBytes -= piece.sizeBytes();
            piece.close();
        }
    }

    /** Lets go of all of it; it may be held again. */
    public void release() {
        releaseDownTo(0);
    }

    @Override
    public void close() {
        release();
    }
}
