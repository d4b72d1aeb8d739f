package io.pageferry.image;

import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.RamBlock;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Takes room on disk ahead of an image's pages, where they come in long runs. For all channels' threads.
 *
 * <p>Past the page cache, a file system looks for room at each write into a hole, and lets no other channel write
 * meanwhile. Where the room is there already, channels write side by side, and it lies together: a third faster. It is
 * advice only: where there is no room to take ahead, writes find out by themselves.
 */
final class PageSpace implements AutoCloseable {
    private static final long PIECE_BYTES = 64L << 20;

    /**
     * Shorter ones are of guests with zero pages all over: most of what was taken for them would have to be given back.
     */
    private static final int LONG_RUN_BYTES = 256 << 10;

    /** What is left empty in smaller parts stays taken: to give each back takes longer than it is worth. */
    private static final long LEAST_HOLE_BYTES = 64 << 10;

    private final ImageLayout layout;
    private final RandomAccessFile file;
    private final long begin;
    private final AtomicIntegerArray taken;

    PageSpace(Path path, ImageLayout layout) throws IOException {
        this.layout = layout;
        this.begin = layout.headers().getFirst().pagesOffset();
        this.taken = new AtomicIntegerArray(Math.toIntExact((layout.endPosition() - begin) / PIECE_BYTES + 1));
        this.file = new RandomAccessFile(path.toFile(), "rw");
    }

    /** Says that a run of a block's pages is about to be written. */
    void beforeWrite(RamBlock block, long position, int lengthBytes) {
        if (lengthBytes < LONG_RUN_BYTES) {
            return;
        }
        // Nothing of what lies between blocks, which no page fills and nobody has reserved.
        long blockStart = layout.position(block, 0);
        long blockEnd = blockStart + block.lengthBytes();
        int last = piece(position + lengthBytes - 1);
        for (int piece = piece(position); piece <= last; piece++) {
            if (taken.get(piece) == 0 && taken.compareAndSet(piece, 0, 1)) {
                long start = Math.max(position(piece), blockStart);
                Fallocate.take(file, start, Math.min(position(piece + 1), blockEnd) - start);
            }
        }
    }

    /** Gives back what was taken and no page has come for. All channels are done by now. */
    void giveBackHoles(List<PageBitmap> present) {
        for (RamBlock block : layout.ram().blocks()) {
            PageBitmap pages = present.get(block.index());
            for (long hole = pages.nextClear(0); hole < pages.pages(); ) {
                long end = pages.nextSet(hole);
                giveBack(
                        layout.position(block, hole * block.pageSizeBytes()),
                        layout.position(block, end * block.pageSizeBytes()));
                hole = pages.nextClear(end);
            }
        }
    }

    private void giveBack(long from, long to) {
        for (int piece = piece(from); piece <= piece(to - 1); piece++) {
            long start = Math.max(from, position(piece));
            long length = Math.min(to, position(piece + 1)) - start;
            if (taken.get(piece) != 0 && length >= LEAST_HOLE_BYTES) {
                Fallocate.giveBack(file, start, length);
            }
        }
    }

    /** {@link DiskUse#bytes} of the file. */
    long bytesOnDisk() {
        return DiskUse.bytes(file);
    }

    private int piece(long position) {
        return (int) ((position - begin) / PIECE_BYTES);
    }

    private long position(int piece) {
        return Math.min(begin + piece * PIECE_BYTES, layout.endPosition());
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
