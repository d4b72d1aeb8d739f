package io.pageferry.qemu;

import io.pageferry.testing.Eventually;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A guest that writes a range of its RAM for ever ({@code dirtier.S}), as fast as it can. Whether its RAM is one that
 * it had at some moment can be seen from the RAM alone.
 *
 * <p>It writes many more pages than QEMU's emulation has in its TLB, 256. Of those that stay there QEMU 7.2 does not
 * see every write while it migrates.
 */
public final class DirtyingGuest implements Guest {
    private static final String SOURCE = "dirtier.S";
    private static final long PAGE = 4096;
    private static final long FIRST_MEBIBYTE = 1L << 20;
    private static final long DEFAULT_RANGE_BYTES = 16L << 20;
    private static final long ALL_BITS = 0xffff_ffffL;

    private static final ValueLayout.OfInt WORD = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final long first;
    private final long limit;
    private final long mask;
    private final long tagged;

    private DirtyingGuest(long first, long limit, long mask, long tagged) {
        this.first = first;
        this.limit = limit;
        this.mask = mask;
        this.tagged = tagged;
    }

    /** Counts in the first 16 MiB above the first. */
    public static DirtyingGuest counting() {
        return countingFrom(FIRST_MEBIBYTE);
    }

    /**
     * Counts in the 16 MiB from an address on, below 4 GiB and clear of firmware, which sits in the first MiB and the
     * last one of the RAM.
     */
    public static DirtyingGuest countingFrom(long address) {
        return new DirtyingGuest(address, address + DEFAULT_RANGE_BYTES, ALL_BITS, address);
    }

    /**
     * Makes 8 MiB of pages zero and not zero in turns, and 8 MiB more that are never zero, so that no round is sent in
     * no time.
     */
    public static DirtyingGuest turningZero() {
        return new DirtyingGuest(
                FIRST_MEBIBYTE, FIRST_MEBIBYTE + DEFAULT_RANGE_BYTES, 1, FIRST_MEBIBYTE + DEFAULT_RANGE_BYTES / 2);
    }

    @Override
    public List<String> arguments(Path folder) throws IOException, InterruptedException {
        Map<String, Long> symbols = Map.of("FIRST", first, "LIMIT", limit, "MASK", mask, "TAGGED", tagged);
        Path disk = BootDisk.assemble(SOURCE, symbols, folder);
        return List.of("-drive", "file=" + disk + ",format=raw,if=ide");
    }

    @Override
    public void awaitRunning(Qemu qemu) {
        Eventually.until(
                "dots of the guest in " + qemu, () -> qemu.serial().text().contains("boot\n."));
    }

    /**
     * How many rounds the guest has done, those that its mask has dropped apart: the count in the page that is written
     * first.
     */
    public long round(MemorySegment ram) {
        return count(ram, first);
    }

    /** Waits until the guest of a running QEMU has done another round. */
    public void awaitNextRound(Qemu qemu) {
        long before = round(qemu.ram());
        Eventually.until("guest to go on in " + qemu, () -> round(qemu.ram()) != before);
    }

    /** Lets the guest of a paused QEMU run on, and stops it again: it does another round, and writes what it must. */
    void requireGoesOn(Qemu qemu) {
        qemu.resume();
        awaitNextRound(qemu);
        qemu.stop();
        requireConsistent(qemu.ram());
    }

    /**
     * Checks the RAM of a guest that stands still: every page is as the guest left it at one and the same moment.
     *
     * @throws AssertionError with the first page that is not
     */
    public void requireConsistent(MemorySegment ram) {
        long ahead = round(ram);
        long behind = (ahead - 1) & mask;
        long expected = ahead;
        for (long page = first; page < limit; page += PAGE) {
            long count = count(ram, page);
            if (count == behind && expected == ahead) {
                expected = behind; // here the guest stood when it was stopped
            }
            if (count != expected) {
                throw fault(page, "count", count, expected);
            }
            long tag = Integer.toUnsignedLong(ram.get(WORD, page + Integer.BYTES));
            long expectedTag = page < tagged ? 0 : page;
            if (tag != expectedTag) {
                throw fault(page, "tag", tag, expectedTag);
            }
            requireZero(ram, page + 2 * Integer.BYTES, page + PAGE);
        }
    }

    private static long count(MemorySegment ram, long page) {
        return Integer.toUnsignedLong(ram.get(WORD, page));
    }

    private static void requireZero(MemorySegment ram, long from, long to) {
        for (long position = from; position < to; position += Integer.BYTES) {
            if (ram.get(WORD, position) != 0) {
                throw fault(position & -PAGE, "rest", ram.get(WORD, position), 0);
            }
        }
    }

    private static AssertionError fault(long page, String word, long value, long expected) {
        return new AssertionError(String.format(
                "guest's pages must be of one moment: page=0x%x word=%s value=0x%x expected=0x%x",
                page, word, value, expected));
    }
}
