package io.pageferry.send.postcopy;

import io.pageferry.checkpoint.WorkingSet;
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

    /** Sends what is not sent yet of what the guest is known to need first, zero pages too, in that order. */
    void run(WorkingSet first) throws IOException, InterruptedException {
        RamBlock block = null;
        for (WorkingSet.Entry entry : first.entries()) {
            if (block == null || block.index() != entry.block() || carrier.isFull()) {
                if (block != null) {
                    send();
                }
                block = source.layout().block(entry.block());
                begin(block);
            }
            if (ledger.claim(block, entry.page())) {
                carrier.add(entry.page(), ledger.isPresent(block, entry.page()));
            }
        }
        if (block != null) {
            send();
        }
    }

    /** Sends all that is not sent yet, but for zero pages. */
    void run() throws IOException, InterruptedException {
        for (RamBlock block : source.layout().blocks()) {
            long page = ledger.nextToPush(block, 0);
            while (page < block.pages()) {
                begin(block);
                page = fill(block, page);
                send();
            }
        }
    }

    /** Claims the next pages; returns the one behind them. */
    private long fill(RamBlock block, long from) {
        long page = from;
        while (page < block.pages() && !carrier.isFull()) {
            if (ledger.claim(block, page)) {
                carrier.add(page, true);
            }
            page = ledger.nextToPush(block, page + 1);
        }
        return page;
    }

    /** Waits before pages are claimed: nobody else may send them then, and the guest may be waiting for one. */
    private void begin(RamBlock block) throws InterruptedException {
        limiter.pace();
        window.awaitRoom();
        carrier.begin(block);
    }

    private void send() throws IOException, InterruptedException {
        if (carrier.isEmpty()) {
            return;
        }
        carrier.load();
        stream.enter();
        try {
            carrier.unload(stream);
            pingBehindPiece();
        } finally {
            stream.leave();
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

    @Override
    public void close() {
        carrier.close();
    }
}
