package io.pageferry.send.postcopy;

import io.pageferry.memory.LoadingPageSource;
import io.pageferry.memory.RamBlock;
import io.pageferry.metrics.Latencies;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.send.SendException;
import io.pageferry.stream.PostcopyMessage.PageRequest;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.HdrHistogram.Recorder;

/**
 * Sends the pages that the guest waits for, as they are asked for. On the return path's thread.
 *
 * <p>Nothing is kept of a request, so there may be any number of them: while one is answered the next one is not read.
 */
final class PageAnswers implements AutoCloseable {
    /** Of a write: most requests are for one page. */
    private static final int PAGES_OF_A_WRITE = 64;

    private final Map<String, RamBlock> blocks = new HashMap<>();
    private final PageLedger ledger;
    private final PageStream stream;
    private final RequestedPages requested;
    private final MigrationStats stats;
    private final PageCarrier carrier;
    private final Recorder latency;

    private RamBlock lastBlock;

    PageAnswers(
            LoadingPageSource source,
            PageLedger ledger,
            PageStream stream,
            RequestedPages requested,
            MigrationStats stats)
            throws IOException {
        source.layout().blocks().forEach(block -> blocks.put(block.name(), block));
        this.ledger = ledger;
        this.stream = stream;
        this.requested = requested;
        this.stats = stats;
        this.carrier = new PageCarrier(source, PAGES_OF_A_WRITE);
        this.latency = stats.latencies().recorder(Latencies.Kind.PAGE_REQUEST);
    }

    /**
     * Sends what of the requested pages was not sent before.
     *
     * @throws SendException where there are no such pages
     */
    void answer(PageRequest request) throws IOException, InterruptedException {
        long start = System.nanoTime();
        stats.postcopyRequests.increment();
        RamBlock block = blockOf(request);
        requirePages(block, request);
        long first = request.start() / block.pageSizeBytes();
        long end = first + request.length() / block.pageSizeBytes();
        stream.enter();
        try {
            // A page of the guest's that is asked for behind the end is zero, and zero there already.
            if (!stream.isEnded()) {
                send(block, first, end);
            }
        } finally {
            stream.leave();
        }
        Latencies.record(latency, System.nanoTime() - start);
    }

    private void send(RamBlock block, long first, long end) throws IOException, InterruptedException {
        carrier.begin(block);
        for (long page = first; page < end; page++) {
            if (!ledger.claim(block, page)) {
                continue;
            }
            if (carrier.isFull()) {
                write();
                carrier.begin(block);
            }
            carrier.add(page, ledger.isPresent(block, page));
            requested.add(block, page);
        }
        if (!carrier.isEmpty()) {
            write();
        }
    }

    private void write() throws IOException, InterruptedException {
        carrier.load();
        carrier.unload(stream);
    }

    private RamBlock blockOf(PageRequest request) throws SendException {
        if (!request.block().isEmpty()) {
            lastBlock = blocks.get(request.block());
        }
        if (lastBlock == null) {
            throw new SendException("destination must ask for pages of a RAM block that there is: block="
                    + (request.block().isEmpty() ? "none yet" : request.block()));
        }
        return lastBlock;
    }

    private static void requirePages(RamBlock block, PageRequest request) throws SendException {
        long start = request.start();
        long length = request.length();
        if (length == 0
                || length % block.pageSizeBytes() != 0
                || start < 0
                || start % block.pageSizeBytes() != 0
                || start > block.lengthBytes() - length) {
            throw new SendException("destination must ask for whole pages of a RAM block: block=" + block.name()
                    + " start=0x" + Long.toHexString(start) + " length=0x" + Long.toHexString(length)
                    + " blockLength=0x"
                    + Long.toHexString(block.lengthBytes()));
        }
    }

    @Override
    public void close() {
        carrier.close();
    }
}
