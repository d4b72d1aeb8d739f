package io.pageferry.hostile;

import io.pageferry.memory.IoVector;
import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.LoadingPageSource;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.PageLoader;
import io.pageferry.memory.RamBlock;
import io.pageferry.memory.RamLayout;
import io.pageferry.send.OutgoingGuest;
import io.pageferry.testing.ForwardingGuest;
import java.io.IOException;

/** A guest like another one, until somebody is held up at one of its steps. */
record FaultyGuest(OutgoingGuest guest, Step at, Hold hold) implements ForwardingGuest {
    /** Where somebody can be held up. */
    enum Step {
        NONE,
        OPEN_READER,
        LOAD,
        STOP
    }

    @Override
    public LoadingPageSource pages() {
        LoadingPageSource pages = guest.pages();
        return new LoadingPageSource() {
            @Override
            public RamLayout layout() {
                return pages.layout();
            }

            @Override
            public PageBitmap present(RamBlock block) {
                return pages.present(block);
            }

            @Override
            public boolean isInMemory() {
                return pages.isInMemory();
            }

            @Override
            public PageLoader openReader() throws IOException {
                if (at == Step.OPEN_READER) {
                    hold.come();
                }
                return new Reader(pages.openReader());
            }
        };
    }

    @Override
    public void stop() throws InterruptedException {
        if (at == Step.STOP) {
            hold.pass();
        }
        guest.stop();
    }

    private final class Reader implements PageLoader {
        private final PageLoader reader;

        Reader(PageLoader reader) {
            this.reader = reader;
        }

        @Override
        public void load(PageBatch batch, LoadedPages into) throws IOException, InterruptedException {
            if (at == Step.LOAD) {
                hold.come();
            }
            reader.load(batch, into);
        }

        @Override
        public void read(PageBatch batch, IoVector into) throws IOException {
            reader.read(batch, into);
        }

        @Override
        public void release() {
            reader.release();
        }

        @Override
        public void close() {
            reader.close();
        }
    }
}
