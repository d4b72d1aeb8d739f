package io.pageferry.send;

import io.pageferry.memory.DirtyLog;
import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.RamBlock;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.stream.Configuration;
import java.io.IOException;
import java.util.List;

/**
 * Precopy: all RAM once, then what was dirtied meanwhile, until what is left can be sent while the guest stands still.
 * On the main thread.
 */
final class PrecopyTransfer implements RamTransfer {
    private final OutgoingGuest guest;
    private final MainSender stream;
    private final RoundPlanner planner;
    private final DeviceStateProducers deviceState;
    private final Precopy precopy;
    private final MigrationStats stats;
    private final List<PageBitmap> marked;

    /**
     * Makes a transfer.
     *
     * @param planner closed with it
     */
    PrecopyTransfer(
            OutgoingGuest guest,
            MainSender stream,
            RoundPlanner planner,
            DeviceStateProducers deviceState,
            Precopy precopy,
            MigrationStats stats) {
        this.guest = guest;
        this.stream = stream;
        this.planner = planner;
        this.deviceState = deviceState;
        this.precopy = precopy;
        this.stats = stats;
        this.marked = guest.pages().layout().blocks().stream()
                .map(block -> new PageBitmap(block.pages()))
                .toList();
    }

    @Override
    public void sendBeforeSwitchover() throws IOException, InterruptedException {
        markAll();
        long round = guest.pages().layout().totalBytes();
        while (true) {
            long start = System.nanoTime();
            long startBytes = stats.transferredBytes();
            stream.beginPart();
            if (guest.dirtyLog().isEmpty()) {
                sendLastMarked();
                stream.endSection(true);
                stream.flush();
                stats.endRound();
                return;
            }
            sendMarked();
            stream.endSection(true);
            stream.flush();
            stats.endRound();
            long sent = stats.transferredBytes() - startBytes;
            long remaining = collectDirty(guest.dirtyLog().get());
            if (precopy.canSwitchOver(round, sent, System.nanoTime() - start, remaining)) {
                return;
            }
            round = remaining;
        }
    }

    @Override
    public void sendAfterStop() throws IOException, InterruptedException {
        stream.beginEnd();
        if (guest.dirtyLog().isPresent()) {
            collectDirty(guest.dirtyLog().get());
            sendLastMarked();
            stream.endSection(true);
            stats.endRound();
        } else {
            stream.endSection(false);
        }
    }

    /**
     * Marks all that must be sent at least once. With {@code x-ignore-shared} the RAM of shared blocks is where the
     * destination finds it, and an image has no page of it: sent as zeros, it would be lost.
     */
    private void markAll() {
        boolean ignoreShared = guest.configuration().hasCapability(Configuration.IGNORE_SHARED);
        for (RamBlock block : guest.pages().layout().blocks()) {
            if (!ignoreShared || guest.pages().present(block).count() > 0) {
                marked.get(block.index()).setAll();
            }
        }
    }

    private long collectDirty(DirtyLog log) {
        long bytes = 0;
        for (RamBlock block : guest.pages().layout().blocks()) {
            PageBitmap bitmap = marked.get(block.index());
            log.collect(block, bitmap);
            bytes += bitmap.count() * block.pageSizeBytes();
        }
        return bytes;
    }

    private void sendMarked() throws IOException, InterruptedException {
        stats.beginRound(marked.stream().mapToLong(PageBitmap::count).sum());
        for (RamBlock block : guest.pages().layout().blocks()) {
            PageBitmap bitmap = marked.get(block.index());
            planner.send(block, bitmap);
            bitmap.clearRange(0, bitmap.pages());
        }
    }

    /**
     * The last pages, with the guest standing still, and device state beside them. All of it is in front of the sync
     * that follows.
     */
    private void sendLastMarked() throws IOException, InterruptedException {
        deviceState.begin();
        sendMarked();
        deviceState.join();
    }

    @Override
    public void close() {
        planner.close();
    }
}
