package io.pageferry.load.worker;

import io.pageferry.memory.IoVector;
import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.MemoryRegion;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageSink;
import io.pageferry.memory.PageWriter;
import io.pageferry.memory.RamBlock;
import io.pageferry.memory.RamLayout;
import io.pageferry.receive.ReceivedGuest;
import io.pageferry.session.Destination;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.Section;
import java.nio.ByteBuffer;

/**
 * A sink: takes a guest off the wire and keeps nothing of it. What it is sent at is the limit of whoever sends, as each
 * channel reads into the same few pages for ever, which stay in the processor's cache.
 */
public final class DiscardDestination implements Destination {
    @Override
    public PageSink open(Configuration configuration, Section ram, RamLayout layout) {
        return new Sink(layout);
    }

    @Override
    public void complete(ReceivedGuest guest) {
        // There is nothing of it left.
    }

    @Override
    public void close() {
        // Writers have let go of what they had.
    }

    private record Sink(RamLayout layout) implements PageSink {
        @Override
        public PageWriter openWriter() {
            return new Writer();
        }

        @Override
        public void read(RamBlock block, long pageOffset, ByteBuffer into) {
            into.put(new byte[block.pageSizeBytes()]);
        }

        @Override
        public void zero(RamBlock block, long pageOffset) {
            // As good as any other content.
        }
    }

    private static final class Writer implements PageWriter {
        private MemoryRegion scratch;

        @Override
        public void prepare(PageBatch batch, IoVector into) {
            int pageSize = batch.block().pageSizeBytes();
            int pages = batch.normalPages();
            if (pages > 0) {
                reserve((long) pages * pageSize);
            }
            for (int slot = 0; slot < pages; slot++) {
                into.add(scratch, (long) slot * pageSize, pageSize);
            }
        }

        private void reserve(long bytes) {
            if (scratch == null || scratch.sizeBytes() < bytes) {
                close();
                scratch = MemoryRegion.allocate(bytes);
            }
        }

        @Override
        public void commit(PageBatch batch) {
            // Read is all it had to be.
        }

        @Override
        public void flush() {
            // Nothing is on its way.
        }

        @Override
        public void write(PageBatch batch, LoadedPages pages) {
            // There is nothing to be read.
        }

        @Override
        public void close() {
            if (scratch != null) {
                scratch.close();
                scratch = null;
            }
        }
    }
}
