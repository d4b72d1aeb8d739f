package io.pageferry.send.postcopy;

import io.pageferry.memory.LoadingPageSource;
import io.pageferry.memory.RamBlock;
import io.pageferry.send.RateLimiter;
import io.pageferry.stream.Command;
import java.io.IOException;

/** Sends the pages that nobody has asked for, in their order. On the main thread. */
final class PagePush implements AutoCloseable {
    /** Of a turn: as long as they take to be written, who waits for a page may have to wait. */
    private static final int PAGES_OF_A_TURN = 16;

    /** Of what is told of by one answer: 128 KiB. Answers cost the destination a write each. */
    private static final int TURNS_OF_A_PIECE = 2;

    private final LoadingPageSource source;
    private final PageLedger ledger;
    private final PageStream stream;
    private final PushWindow window;
    private final RateLimiter limiter;
    private final PageCarrier carrier;
    private int turns;

    PagePush(LoadingPageSource source, PageLedger ledger, PageStream stream, PushWindow window, RateLimiter limiter)
            throws IOException {
        this.source = source;
        this.ledger = ledger;
        this.stream = stream;
        this.window = window;
        this.limiter = limiter;
        this.carrier = new PageCarrier(source, PAGES_OF_A_TURN);
    }

    /** Sends all that is not sent yet, but for zero pages. */
    void run() throws IOException, InterruptedException {
        for (RamBlock block : source.layout().blocks()) {
            long page = ledger.nextToPush(block, 0);
            while (page < block.pages()) {
                limiter.pace();
                window.awaitRoom();
                page = fill(block, page);
                if (!carrier.batch().isEmpty()) {
                    carrier.load();
                    stream.enter();
                    try {
                        carrier.unload(stream);
                        pingBehindPiece();
                    } finally {
                        stream.leave();
                    }
                }
            }
        }
    }

    /** Has the destination say when it has come by all so far, now and then. */
    private void pingBehindPiece() throws IOException {
        turns++;
        if (window.isLimited() && turns == TURNS_OF_A_PIECE) {
            turns = 0;
            new Command(Command.PING, window.nextPing()).write(stream.interrupt());
            stream.flush();
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
