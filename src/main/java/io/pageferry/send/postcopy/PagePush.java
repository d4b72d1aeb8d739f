package io.pageferry.send.postcopy;

import io.pageferry.memory.LoadingPageSource;
import io.pageferry.memory.RamBlock;
import io.pageferry.send.RateLimiter;
import java.io.IOException;

/** Sends the pages that nobody has asked for, in their order. On the main thread. */
final class PagePush implements AutoCloseable {
    /** Of a turn: as long as they take to be written, who waits for a page may have to wait. */
    private static final int PAGES_OF_A_TURN = 16;

    private final LoadingPageSource source;
    private final PageLedger ledger;
    private final PageStream stream;
    private final RateLimiter limiter;
    private final PageCarrier carrier;

    PagePush(LoadingPageSource source, PageLedger ledger, PageStream stream, RateLimiter limiter) throws IOException {
        this.source = source;
        this.ledger = ledger;
        this.stream = stream;
        this.limiter = limiter;
        this.carrier = new PageCarrier(source, PAGES_OF_A_TURN);
    }

    /** Sends all that is not sent yet, but for zero pages. */
    void run() throws IOException, InterruptedException {
        for (RamBlock block : source.layout().blocks()) {
            long page = ledger.nextToPush(block, 0);
            while (page < block.pages()) {
                limiter.pace();
                page = fill(block, page);
                if (!carrier.batch().isEmpty()) {
                    carrier.load();
                    stream.enter();
                    try {
                        carrier.unload(stream);
                    } finally {
                        stream.leave();
                    }
                }
            }
        }
    }

    /** Claims the next pages; returns the one behind them. */
    private long fill(RamBlock block, long from) {
        carrier.batch().begin(block);
        long page = from;
        while (page < block.pages() && !carrier.batch().isFull()) {
            if (ledger.claim(block, page)) {
                carrier.batch().add(page * block.pageSizeBytes());
            }
            page = ledger.nextToPush(block, page + 1);
        }
        return page;
    }

    @Override
    public void close() {
        carrier.close();
    }
}
