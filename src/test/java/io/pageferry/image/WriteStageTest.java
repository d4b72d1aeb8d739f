package io.pageferry.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.checkpoint.SpaceReservation;
import io.pageferry.memory.BufferPool;
import io.pageferry.memory.IoVector;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageSink;
import io.pageferry.memory.PageWriter;
import io.pageferry.memory.RamBlock;
import io.pageferry.memory.RamLayout;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.Section;
import io.pageferry.wire.Multifd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pages that are written while others come, on a disk that fails, or hangs. */
@Timeout(30)
class WriteStageTest {
    private static final Section RAM = new Section(2, Section.RAM, 0, Section.RAM_VERSION);
    private static final int PAGE = 4096;
    private static final int BUFFERS = 2;

    @TempDir
    Path folder;

    private final Disk disk = new Disk();
    private final BufferPool buffers = new BufferPool(Multifd.PACKET_DATA_BYTES, PAGE, BUFFERS);
    private PendingImage image;
    private PageSink sink;
    private RamBlock block;

    @BeforeEach
    void begin() throws IOException {
        image = PendingImage.create(folder.resolve("guest.img"), 0, buffers, false, ImageAccess.OWNER, disk);
        sink = image.begin(
                Configuration.of("pc-q35-10.0"), RAM, new RamLayout(PAGE, List.of("pc.ram"), new long[] {1 << 20}));
        block = sink.layout().block(0);
    }

    @AfterEach
    void end() throws IOException {
        image.close();
        buffers.close();
    }

    @Test
    void shouldHavePagesInFileWhenFlushed() throws Exception {
        try (PageWriter writer = sink.openWriter()) {
            for (int page = 0; page < 64; page++) {
                write(writer, page);
            }
            writer.flush();
            assertEquals(0, buffers.borrowed());
        }
        ByteBuffer page = ByteBuffer.allocate(PAGE);
        for (int i = 0; i < 64; i++) {
            sink.read(block, (long) i * PAGE, page.clear());
            assertEquals((byte) (i + 1), page.get(0));
        }
    }

    @Test
    void shouldSayWhyWhenWritingFails() throws Exception {
        IOException full = new IOException("no space");
        disk.fails(full);
        try (PageWriter writer = sink.openWriter()) {
            write(writer, 0);
            assertSame(full, assertThrows(IOException.class, writer::flush));
            assertSame(full, assertThrows(IOException.class, () -> write(writer, 1)));
        }
        assertEquals(0, buffers.borrowed());
    }

    @Test
    void shouldWriteNothingMoreWhenWritingHasFailed() throws Exception {
        disk.fails(new IOException("no space"));
        try (PageWriter writer = sink.openWriter()) {
            write(writer, 0);
            assertThrows(IOException.class, writer::flush);
            int attempts = disk.attempts;
            assertThrows(IOException.class, () -> write(writer, 1));
            assertThrows(IOException.class, writer::flush);
            assertEquals(attempts, disk.attempts);
        }
    }

    @Test
    void shouldGiveBackBuffersWhenClosedBeforeAllIsWritten() throws Exception {
        disk.hangs();
        Thread channel = Thread.ofVirtual().start(() -> {
            try (PageWriter writer = sink.openWriter()) {
                write(writer, 0);
                write(writer, 1); // waits for the first one
            } catch (IOException | InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        disk.hanging.await();
        channel.interrupt();
        assertFalse(channel.join(Duration.ofMillis(50)), "the file is still in use");
        disk.goesOn.countDown();
        channel.join();
        assertEquals(0, buffers.borrowed());
        assertEquals(1, disk.attempts, "what waited is given up");
    }

    @Test
    void shouldTakeNextPagesWhileOthersAreWritten() throws Exception {
        disk.hangs();
        try (PageWriter writer = sink.openWriter()) {
            write(writer, 0);
            disk.hanging.await();
            IoVector into = new IoVector(1);
            writer.prepare(batch(1), into);
            assertEquals(PAGE, into.totalBytes());
            disk.goesOn.countDown();
            writer.commit(batch(1));
            writer.flush();
        }
        assertTrue(disk.attempts >= 2);
    }

    private void write(PageWriter writer, int page) throws IOException, InterruptedException {
        IoVector into = new IoVector(1);
        writer.prepare(batch(page), into);
        while (into.buffers()[0].hasRemaining()) {
            into.buffers()[0].put((byte) (page + 1));
        }
        writer.commit(batch(page));
    }

    private PageBatch batch(int page) {
        PageBatch batch = new PageBatch(0, 1);
        batch.begin(block);
        batch.add((long) page * PAGE);
        return batch;
    }

    /** Is asked before each write, on the thread that writes. */
    private static final class Disk implements SpaceReservation {
        private final CountDownLatch hanging = new CountDownLatch(1);
        private final CountDownLatch goesOn = new CountDownLatch(1);
        private volatile IOException failure;
        private volatile boolean hangs;
        private volatile int attempts; // of writing threads

        void fails(IOException why) {
            failure = why;
        }

        void hangs() {
            hangs = true;
        }

        @Override
        public long begin(long bytesBesidePages) throws IOException {
            if (!Thread.currentThread().getName().endsWith("/write")) {
                return 0;
            }
            attempts++;
            if (failure != null) {
                throw failure;
            }
            if (hangs) {
                hanging.countDown();
                awaitUninterruptibly();
            }
            return 0;
        }

        private void awaitUninterruptibly() {
            try {
                goesOn.await();
            } catch (InterruptedException e) {
                throw new AssertionError("a write must not be interrupted", e);
            }
        }

        @Override
        public void end(long use, long bytesBesidePages) {
            // Nothing is counted.
        }

        @Override
        public void allPagesHaveCome() {
            // Nothing is reserved.
        }
    }
}
