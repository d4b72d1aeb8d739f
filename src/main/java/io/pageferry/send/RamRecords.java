package io.pageferry.send;

import io.pageferry.memory.IoVector;
import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.RamBlock;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.stream.RamFlags;
import io.pageferry.stream.StreamOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Writes pages into the main stream as records of the RAM section, by one thread at a time: QEMU's
 * {@code ram_save_page} and {@code save_zero_page}. A block is named where it is another one than that of the record
 * before.
 *
 * <p>Page data is gathered from where it lies, with the records' heads in between, many pages to a write; nothing is
 * allocated for a page.
 */
public final class RamRecords {
    /** Of a write. A pool's buffer has views for {@code 512 KiB / 1 KiB} ranges, and each page needs two slots. */
    private static final int MOST_PAGES = 128;

    private static final int HEAD_BYTES = Long.BYTES;
    private static final int NAMED_HEAD_BYTES = HEAD_BYTES + 1 + 255;

    private final StreamOutput out;
    private final MigrationStats stats;

    // Made when the first page comes: where pages go over channels none does.
    private ByteBuffer namedHead;
    private ByteBuffer[] heads;
    private IoVector vector;

    private RamBlock lastNamedBlock;

    public RamRecords(StreamOutput out, MigrationStats stats) {
        this.out = out;
        this.stats = stats;
    }

    /** A zero page. */
    public void zeroPage(RamBlock block, long pageOffset) throws IOException {
        if (block == lastNamedBlock) {
            out.u64(pageOffset | RamFlags.ZERO | RamFlags.CONTINUE);
        } else {
            out.u64(pageOffset | RamFlags.ZERO).countedString(block.name());
            lastNamedBlock = block;
        }
        out.u8(0);
        stats.mainDuplicate.increment();
    }

    /** A batch's pages, first the zero ones, whose records are small and wait for the others. */
    public void batch(PageBatch batch, LoadedPages loaded) throws IOException {
        for (int slot = batch.normalPages(); slot < batch.pages(); slot++) {
            zeroPage(batch.block(), batch.offset(slot));
        }
        for (int slot = 0; slot < batch.normalPages(); slot += MOST_PAGES) {
            pages(batch, loaded, slot, Math.min(slot + MOST_PAGES, batch.normalPages()));
        }
        stats.mainNormal.add(batch.normalPages());
    }

    private void pages(PageBatch batch, LoadedPages loaded, int from, int to) throws IOException {
        if (vector == null) {
            prepare();
        }
        RamBlock block = batch.block();
        vector.clear();
        for (int slot = from; slot < to; slot++) {
            vector.add(
                    block == lastNamedBlock
                            ? head(slot - from, batch.offset(slot))
                            : namedHead(block, batch.offset(slot)));
            vector.add(loaded.region(), loaded.position(slot), block.pageSizeBytes());
        }
        out.gather(vector.buffers(), vector.count(), vector.totalBytes());
    }

    private void prepare() {
        namedHead = ByteBuffer.allocateDirect(NAMED_HEAD_BYTES);
        ByteBuffer all = ByteBuffer.allocateDirect(MOST_PAGES * HEAD_BYTES);
        heads = new ByteBuffer[MOST_PAGES];
        for (int i = 0; i < MOST_PAGES; i++) {
            heads[i] = all.slice(i * HEAD_BYTES, HEAD_BYTES);
        }
        vector = new IoVector(2 * MOST_PAGES);
    }

    private ByteBuffer head(int index, long pageOffset) {
        return heads[index].clear().putLong(0, pageOffset | RamFlags.PAGE | RamFlags.CONTINUE);
    }

    private ByteBuffer namedHead(RamBlock block, long pageOffset) {
        lastNamedBlock = block;
        byte[] name = block.name().getBytes(StandardCharsets.US_ASCII);
        return namedHead
                .clear()
                .putLong(pageOffset | RamFlags.PAGE)
                .put((byte) name.length)
                .put(name)
                .flip();
    }
}
