package io.pageferry.load;

import io.pageferry.memory.MemoryRegion;

/**
 * Memory that is kept ready for a turn: it has been written, and is let go of at the moment before the turn's
 * migrations need as much. Belongs to one thread.
 *
 * <p>A virtual machine gets its memory from its host when it first touches it, and that can be ten times slower than
 * all later use. Many give it back a second or two after it was freed (free page reporting): memory that was written
 * once at the beginning is cold again by the time it is used, or is not, by chance.
 */
final class Ballast implements AutoCloseable {
    private MemoryRegion held;

    private Ballast(MemoryRegion held) {
        this.held = held;
    }

    /** Takes the memory that a scenario's guests will need where they go to, and writes it. */
    static Ballast holdFor(Scenario scenario) {
        long bytes = bytesArriving(scenario);
        if (bytes == 0) {
            return new Ballast(null);
        }
        MemoryRegion region = MemoryRegion.allocate(bytes);
        region.segment().fill((byte) 1);
        return new Ballast(region);
    }

    /**
     * What guests take at a time where they go to, a page cache included. Memory that is kept warm is there already,
     * but the first time.
     */
    static long bytesArriving(Scenario scenario) {
        boolean nothingNew = scenario.is(Setting.TARGET, "sink")
                || scenario.is(Setting.DESTINATION, "image-direct")
                || scenario.is(Setting.DESTINATION, "memory-warm");
        return nothingNew ? 0 : scenario.guestBytes();
    }

    /** Lets go of it. */
    @Override
    public void close() {
        if (held != null) {
            held.close();
            held = null;
        }
    }
}
