package io.pageferry.hostile;

import io.pageferry.memory.IoVector;
import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageSink;
import io.pageferry.memory.PageWriter;
import io.pageferry.memory.RamBlock;
import io.pageferry.memory.RamLayout;
import io.pageferry.receive.ReceivedGuest;
import io.pageferry.session.Destination;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceStateSink;
import io.pageferry.stream.Section;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Keeps a guest as another one does, until trouble comes at one of its steps. */
record FaultyDestination(Destination kept, Step at, Trouble trouble) implements Destination {
    /** When trouble can come. */
    enum Step {
        OPEN,
        OPEN_WRITER,
        PREPARE,
        COMMIT,
        /** Of the main stream. */
        MAIN_PAGES,
        DEVICE_STATE,
        COMPLETE
    }

    /** What comes, each time that the step is reached. */
    @FunctionalInterface
    interface Trouble {
        void come() throws IOException;
    }

    private void reach(Step step) throws IOException {
        if (step == at) {
            trouble.come();
        }
    }

    @Override
    public PageSink open(Configuration configuration, Section ram, RamLayout layout) throws IOException {
        reach(Step.OPEN);
        PageSink sink = kept.open(configuration, ram, layout);
        return new PageSink() {
            @Override
            public RamLayout layout() {
                return sink.layout();
            }

            @Override
            public PageWriter openWriter() throws IOException {
                reach(Step.OPEN_WRITER);
                return new Writer(sink.openWriter());
            }

            @Override
            public void read(RamBlock block, long pageOffset, ByteBuffer into) throws IOException {
                sink.read(block, pageOffset, into);
            }

            @Override
            public void zero(RamBlock block, long pageOffset) throws IOException {
                reach(Step.MAIN_PAGES);
                sink.zero(block, pageOffset);
            }
        };
    }

    @Override
    public DeviceStateSink deviceStateSink() {
        DeviceStateSink sink = kept.deviceStateSink();
        return (piece, data) -> {
            reach(Step.DEVICE_STATE);
            sink.take(piece, data);
        };
    }

    @Override
    public void complete(ReceivedGuest guest) throws IOException {
        reach(Step.COMPLETE);
        kept.complete(guest);
    }

    @Override
    public void close() throws IOException {
        kept.close();
    }

    private final class Writer implements PageWriter {
        private final PageWriter writer;

        Writer(PageWriter writer) {
            this.writer = writer;
        }

        @Override
        public void prepare(PageBatch batch, IoVector into) throws IOException, InterruptedException {
            writer.prepare(batch, into);
            reach(Step.PREPARE);
        }

        @Override
        public void commit(PageBatch batch) throws IOException, InterruptedException {
            reach(Step.COMMIT);
            writer.commit(batch);
        }

        @Override
        public void flush() throws IOException, InterruptedException {
            writer.flush();
        }

        @Override
        public void write(PageBatch batch, LoadedPages pages) throws IOException, InterruptedException {
            reach(Step.MAIN_PAGES);
            writer.write(batch, pages);
        }

        @Override
        public void close() {
            writer.close();
        }
    }
}
