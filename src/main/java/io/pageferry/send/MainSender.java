package io.pageferry.send;

import io.pageferry.handoff.Lanes;
import io.pageferry.handoff.SyncRequest;
import io.pageferry.memory.DirtyLog;
import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.RamBlock;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.stream.Command;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceState;
import io.pageferry.stream.RamFlags;
import io.pageferry.stream.Section;
import io.pageferry.stream.SectionType;
import io.pageferry.stream.StreamOutput;
import java.io.IOException;
import java.util.List;

/** Writes the main stream and says when rounds and syncs are, on the main thread. */
final class MainSender {
    /** As QEMU numbers its first one. */
    static final int PING_NUMBER = 1;

    private final OutgoingGuest guest;
    private final Configuration configuration;
    private final WireMode mode;
    private final StreamOutput out;
    private final Lanes<SendJob> lanes;
    private final DeviceStateProducers deviceState;
    private final Precopy precopy;
    private final MigrationStats stats;
    private final List<PageBitmap> marked;

    private RamBlock lastNamedBlock;

    /**
     * Makes a sender.
     *
     * @param configuration what the destination is told of the guest
     */
    MainSender(
            OutgoingGuest guest,
            Configuration configuration,
            WireMode mode,
            StreamOutput out,
            Lanes<SendJob> lanes,
            DeviceStateProducers deviceState,
            Precopy precopy,
            MigrationStats stats) {
        this.guest = guest;
        this.configuration = configuration;
        this.mode = mode;
        this.out = out;
        this.lanes = lanes;
        this.deviceState = deviceState;
        this.precopy = precopy;
        this.stats = stats;
        this.marked = guest.pages().layout().blocks().stream()
                .map(block -> new PageBitmap(block.pages()))
                .toList();
    }

    /** Header, configuration, and the request to be answered. */
    void begin() throws IOException {
        out.u32(SectionType.FILE_MAGIC).u32(SectionType.FILE_VERSION);
        configuration.withMappedRam(false).write(out);
        new Command(Command.OPEN_RETURN_PATH, 0).write(out);
        new Command(Command.PING, PING_NUMBER).write(out);
        flush();
    }

    /** The list of blocks, and the first sync: from it the destination knows that the blocks are known. */
    void setup() throws IOException, InterruptedException {
        guest.ram().writeStart(out, SectionType.SECTION_START);
        out.u64(guest.pages().layout().totalBytes() | RamFlags.MEM_SIZE);
        for (RamBlock block : guest.pages().layout().blocks()) {
            out.countedString(block.name()).u64(block.lengthBytes());
            if (configuration.hasCapability(Configuration.IGNORE_SHARED)) {
                out.u64(guest.pages().layout().address(block).orElseThrow());
            }
        }
        endSection(true);
        flush();
    }

    /** Rounds, until what is left can be sent with the guest standing still. */
    void sendRounds(RoundPlanner planner) throws IOException, InterruptedException {
        markAll();
        long round = guest.pages().layout().totalBytes();
        while (true) {
            long start = System.nanoTime();
            long startBytes = stats.transferredBytes();
            guest.ram().writeNext(out, SectionType.SECTION_PART);
            if (guest.dirtyLog().isEmpty()) {
                sendLastMarked(planner);
                endSection(true);
                flush();
                stats.endRound();
                return;
            }
            sendMarked(planner);
            endSection(true);
            flush();
            stats.endRound();
            long sent = stats.transferredBytes() - startBytes;
            long remaining = collectDirty(guest.dirtyLog().get());
            if (precopy.canSwitchOver(round, sent, System.nanoTime() - start, remaining)) {
                return;
            }
            round = remaining;
        }
    }

    /**
     * What was dirtied last, the end of RAM, and everything else, to be {@linkplain #flush flushed} as a whole. The
     * guest has stopped.
     */
    void complete(RoundPlanner planner) throws IOException, InterruptedException {
        // Devices whose state has gone beside RAM wait for this, so it must be known to who has them.
        if (mode.announceSwitchover() || deviceState.threads() > 0) {
            new Command(Command.SWITCHOVER_START, 0).write(out);
        }
        guest.ram().writeNext(out, SectionType.SECTION_END);
        if (guest.dirtyLog().isPresent()) {
            collectDirty(guest.dirtyLog().get());
            sendLastMarked(planner);
            endSection(true);
            stats.endRound();
        } else {
            endSection(false);
        }
        DeviceState deviceState = guest.deviceState();
        out.bytes(deviceState.bytes());
        stats.deviceStateBytes.add(deviceState.lengthBytes());
    }

    void flush() throws IOException {
        out.flush();
    }

    /** A zero page that goes through the main channel. */
    void zeroPage(RamBlock block, long pageOffset) throws IOException {
        if (block == lastNamedBlock) {
            out.u64(pageOffset | RamFlags.ZERO | RamFlags.CONTINUE);
        } else {
            out.u64(pageOffset | RamFlags.ZERO).countedString(block.name());
            lastNamedBlock = block;
        }
        out.u8(0);
        stats.mainDuplicate.increment();
    }

    /**
     * Marks all that must be sent at least once. With {@code x-ignore-shared} the RAM of shared blocks is where the
     * destination finds it, and an image has no page of it: sent as zeros, it would be lost.
     */
    private void markAll() {
        boolean ignoreShared = configuration.hasCapability(Configuration.IGNORE_SHARED);
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

    private void sendMarked(RoundPlanner planner) throws IOException, InterruptedException {
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
    private void sendLastMarked(RoundPlanner planner) throws IOException, InterruptedException {
        deviceState.begin();
        sendMarked(planner);
        deviceState.join();
    }

    /** Ends a RAM section, with a sync where pages were sent in it, or where every end of a section is one. */
    private void endSection(boolean sync) throws IOException, InterruptedException {
        if (sync || mode.flushAfterEachSection()) {
            ChannelSync.run(lanes, SyncRequest.ALL, stats);
            if (!mode.flushAfterEachSection()) {
                out.u64(RamFlags.MULTIFD_FLUSH);
            }
        }
        out.u64(RamFlags.EOS);
        Section ram = guest.ram();
        ram.writeFooter(out);
    }
}
