package io.pageferry.perf;

import io.pageferry.memory.MemoryRegion;

/**
 * Memory that is kept ready for whoever is measured next: it has been written, and is let go of at the moment before the other needs it.
 *
 * <p>A virtual machine gets its memory from its host when it first touches it, and that can be ten times slower than all later use. Many give it back, too, a second
 * or two after it was freed (free page reporting): memory that was touched once at the beginning is cold again by the time it is used, or is not, by chance.
 *
 * <p>Not safe for use by several threads.
 */
final class Ballast implements AutoCloseable {
    private final long bytes;
    private MemoryRegion held;

    /** Nothing is held yet. */
    Ballast(long bytes) {
        this.bytes = bytes;
    }

    /** Takes the memory and writes it, best when as much has just been freed. Nothing happens where it is held. */
    void hold() {
        if (held == null) {
            held = MemoryRegion.allocate(bytes);
            held.segment().fill((byte) 1);
        }
    }

    void release() {
        if (held != null) {
            held.close();
            held = null;
        }
    }

    @Override
    public void close() {
        release();
    }
}
