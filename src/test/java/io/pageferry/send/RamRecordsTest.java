package io.pageferry.send;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pageferry.memory.GuestMemory;
import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.MemoryPageSource;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageLoader;
import io.pageferry.memory.RamBlock;
import io.pageferry.memory.RamLayout;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.stream.StreamOutput;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.PagePattern;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pages as the records of a plain stream. */
@LeakFree
@Timeout(30)
class RamRecordsTest {
    private static final int PAGE = 1024;
    private static final int SLOTS = 512;
    private static final int ZERO = 0x02;
    private static final int PLAIN = 0x08;
    private static final int CONTINUE = 0x20;

    private static final RamLayout LAYOUT =
            new RamLayout(PAGE, List.of("pc.ram", "vga"), new long[] {1024L * PAGE, 16L * PAGE});
    private static final RamBlock FIRST = LAYOUT.block(0);
    private static final RamBlock SECOND = LAYOUT.block(1);

    private final GuestMemory memory = new GuestMemory(LAYOUT);
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final StreamOutput out = new StreamOutput(bytes -> {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        written.writeBytes(copy);
    });
    private final MigrationStats stats = new MigrationStats(0);
    private final RamRecords records = new RamRecords(out, stats);

    @AfterEach
    void close() {
        memory.close();
    }

    @Test
    void shouldNameABlockWhereItIsAnotherThanBefore() throws Exception {
        records.zeroPage(FIRST, 0);
        send(batch(FIRST, 3, 5));
        records.zeroPage(FIRST, 7 * PAGE);
        send(batch(SECOND, 1, 2));
        send(batch(FIRST, 9));
        out.flush();
        ByteBuffer stream = ByteBuffer.wrap(written.toByteArray());
        requireRecord(stream, 0, ZERO, "pc.ram");
        assertEquals(0, stream.get());
        requirePage(stream, FIRST, 3, false);
        requirePage(stream, FIRST, 5, false);
        requireRecord(stream, 7, ZERO | CONTINUE, null);
        assertEquals(0, stream.get());
        requirePage(stream, SECOND, 1, true);
        requirePage(stream, SECOND, 2, false);
        requirePage(stream, FIRST, 9, true);
        assertEquals(0, stream.remaining());
        assertEquals(written.size(), out.position());
    }

    @Test
    void shouldWriteABatchOfManySmallPagesWhole() throws Exception {
        PageBatch batch = batch(FIRST);
        batch.addRun(0, SLOTS - 2);
        batch.addZeroRun(600L * PAGE, 2);
        send(batch);
        out.flush();
        ByteBuffer stream = ByteBuffer.wrap(written.toByteArray());
        requireRecord(stream, 600, ZERO, "pc.ram");
        assertEquals(0, stream.get());
        requireRecord(stream, 601, ZERO | CONTINUE, null);
        assertEquals(0, stream.get());
        for (int page = 0; page < SLOTS - 2; page++) {
            requirePage(stream, FIRST, page, false);
        }
        assertEquals(0, stream.remaining());
        assertEquals(SLOTS - 2, stats.normalPages());
        assertEquals(2, stats.duplicatePages());
    }

    private static PageBatch batch(RamBlock block, long... pages) {
        PageBatch batch = new PageBatch(0, SLOTS);
        batch.begin(block);
        for (long page : pages) {
            batch.add(page * PAGE);
        }
        return batch;
    }

    private void send(PageBatch batch) throws Exception {
        RamBlock block = batch.block();
        for (int slot = 0; slot < batch.normalPages(); slot++) {
            memory.region(block)
                    .window(0)
                    .putBytes((int) batch.offset(slot), PagePattern.of(block, batch.offset(slot), 1));
        }
        LoadedPages loaded = new LoadedPages(SLOTS);
        try (PageLoader reader = new MemoryPageSource(memory).openReader()) {
            reader.load(batch, loaded);
            records.batch(batch, loaded);
        }
    }

    private static void requireRecord(ByteBuffer stream, long page, int flags, String name) {
        assertEquals(page * PAGE | flags, stream.getLong(), "page=" + page);
        if (name != null) {
            byte[] said = new byte[stream.get()];
            stream.get(said);
            assertEquals(name, new String(said, StandardCharsets.US_ASCII));
        }
    }

    private static void requirePage(ByteBuffer stream, RamBlock block, long page, boolean named) {
        requireRecord(stream, page, named ? PLAIN : PLAIN | CONTINUE, named ? block.name() : null);
        byte[] data = new byte[PAGE];
        stream.get(data);
        assertArrayEquals(PagePattern.of(block, page * PAGE, 1), data, "page=" + page);
    }
}
