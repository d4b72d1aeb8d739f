package io.pageferry.memory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Finds out which pages of a region somebody has touched, from the kernel's table of pages. All others are zero, and to
 * look at one to see that would cost a page fault and make it resident.
 *
 * <p>Stateless: any thread. A page that is touched while this looks may be found or not; one that was touched before is
 * found.
 */
final class TouchedPages {
    /**
     * An entry of 64 bits for each page of the address space; {@code Documentation/admin-guide/mm/pagemap.rst} of the
     * kernel.
     */
    private static final Path PAGEMAP = Path.of("/proc/self/pagemap");

    private static final long PRESENT = 1L << 63;
    private static final long SWAPPED = 1L << 62;

    /** Entries that are read at once: 32 MiB of pages of 4 KiB. */
    private static final int ENTRIES = 8192;

    private static final int HOST_PAGE_BYTES = NativeMemory.pageSizeBytes();

    private TouchedPages() {}

    /**
     * Sets the bits of pages that were touched; only where bits are clear is looked. Where the kernel does not tell,
     * all pages count as touched.
     *
     * @param pageSizeBytes the guest's
     */
    static void addTo(PageBitmap touched, MemoryRegion region, int pageSizeBytes) {
        if (touched.nextClear(0) == touched.pages()) {
            return;
        }
        try (FileChannel pagemap = FileChannel.open(PAGEMAP, StandardOpenOption.READ)) {
            addTo(touched, region, pageSizeBytes, pagemap);
        } catch (IOException e) {
            touched.setAll();
        }
    }

    private static void addTo(PageBitmap touched, MemoryRegion region, int pageSizeBytes, FileChannel pagemap)
            throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(ENTRIES * Long.BYTES).order(ByteOrder.nativeOrder());
        long[] entries = new long[ENTRIES];
        long firstEntry = region.segment().address() / HOST_PAGE_BYTES;
        long blockBytes = touched.pages() * pageSizeBytes;
        long clear = touched.nextClear(0);
        while (clear < touched.pages()) {
            long start = clear * pageSizeBytes / HOST_PAGE_BYTES;
            long end = Math.min(start + ENTRIES, (blockBytes + HOST_PAGE_BYTES - 1) / HOST_PAGE_BYTES);
            int count = (int) (end - start);
            read(pagemap, (firstEntry + start) * Long.BYTES, bytes.clear().limit(count * Long.BYTES));
            bytes.flip().asLongBuffer().get(entries, 0, count);
            addRuns(touched, entries, count, start, pageSizeBytes);
            clear = touched.nextClear(Math.min(end * HOST_PAGE_BYTES / pageSizeBytes, touched.pages()));
        }
    }

    private static void read(FileChannel pagemap, long position, ByteBuffer entries) throws IOException {
        while (entries.hasRemaining()) {
            if (pagemap.read(entries, position + entries.position()) < 0) {
                throw new IOException("table of pages must not end before the address space does");
            }
        }
    }

    private static void addRuns(PageBitmap touched, long[] entries, int count, long firstHostPage, int pageSizeBytes) {
        int i = 0;
        while (i < count) {
            int first = next(entries, i, count, true);
            i = next(entries, first, count, false);
            if (i > first) {
                long start = (firstHostPage + first) * HOST_PAGE_BYTES;
                long end = (firstHostPage + i) * HOST_PAGE_BYTES;
                touched.setRange(
                        start / pageSizeBytes, Math.min((end + pageSizeBytes - 1) / pageSizeBytes, touched.pages()));
            }
        }
    }

    /**
     * The first entry of a page that was touched, or was not, at or after one; {@code count} where there is none. The
     * loop that the JVM has to compile, so it is small.
     */
    private static int next(long[] entries, int from, int count, boolean touched) {
        int i = from;
        while (i < count && (entries[i] & (PRESENT | SWAPPED)) != 0 != touched) {
            i++;
        }
        return i;
    }
}
