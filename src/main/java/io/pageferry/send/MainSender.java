package io.pageferry.send;

import io.pageferry.handoff.Lanes;
import io.pageferry.handoff.SyncRequest;
import io.pageferry.memory.DirtyLog;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.RamBlock;
import io.pageferry.metrics.Latencies;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.stream.Command;
import io.pageferry.stream.DeviceState;
import io.pageferry.stream.RamFlags;
import io.pageferry.stream.Section;
import io.pageferry.stream.SectionType;
import io.pageferry.stream.StreamOutput;
import java.io.IOException;
import java.util.List;

/** Writes the main stream and says when rounds and syncs are, on the main thread. */
final class MainSender {
    private final OutgoingGuest guest;
    private final WireMode mode;
    private final StreamOutput out;
    private final Lanes<PageBatch> lanes;
    private final Precopy precopy;
    private final MigrationStats stats;
    private final List<PageBitmap> marked;

    private RamBlock lastNamedBlock;

    MainSender(
            OutgoingGuest guest,
            WireMode mode,
            StreamOutput out,
            Lanes<PageBatch> lanes,
            Precopy precopy,
            MigrationStats stats) {
        this.guest = guest;
        this.mode = mode;
        this.out = out;
        this.lanes = lanes;
        this.precopy = precopy;
        this.stats = stats;
        this.marked = guest.pages().layout().blocks().stream()
                .map(block -> new PageBitmap(block.pages()))
                .toList();
    }

    /** Header, configuration, and the request to be answered. */
    void begin() throws IOException {
        out.u32(SectionType.FILE_MAGIC).u32(SectionType.FILE_VERSION);
        guest.configuration().withMappedRam(false).write(out);
        new Command(Command.OPEN_RETURN_PATH, 0).write(out);
        flush();
    }

    /** The list of blocks, and the first sync: from it the destination knows that the blocks are known. */
    void setup() throws IOException, InterruptedException {
        guest.ram().writeStart(out, SectionType.SECTION_START);
        out.u64(guest.pages().layout().totalBytes() | RamFlags.MEM_SIZE);
        for (RamBlock block : guest.pages().layout().blocks()) {
            out.countedString(block.name()).u64(block.lengthBytes());
        }
        endSection(true);
    }

    /** Rounds, until what is left can be sent with the guest standing still. */
    void sendRounds(RoundPlanner planner) throws IOException, InterruptedException {
        marked.forEach(PageBitmap::setAll);
        long round = guest.pages().layout().totalBytes();
        while (true) {
            long start = System.nanoTime();
            long startBytes = stats.transferredBytes();
            guest.ram().writeNext(out, SectionType.SECTION_PART);
            sendMarked(planner);
            endSection(true);
            if (guest.dirtyLog().isEmpty()) {
                return;
            }
            long sent = stats.transferredBytes() - startBytes;
            long remaining = collectDirty(guest.dirtyLog().get());
            if (precopy.canSwitchOver(round, sent, System.nanoTime() - start, remaining)) {
                return;
            }
            round = remaining;
        }
    }

    /** What was dirtied last, the end of RAM, and everything else. The guest has stopped. */
    void complete(RoundPlanner planner) throws IOException, InterruptedException {
        if (mode.announceSwitchover()) {
            new Command(Command.SWITCHOVER_START, 0).write(out);
        }
        guest.ram().writeNext(out, SectionType.SECTION_END);
        if (guest.dirtyLog().isPresent()) {
            collectDirty(guest.dirtyLog().get());
            sendMarked(planner);
            endSection(true);
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

    /** Ends a RAM section, with a sync where pages were sent in it, or where every end of a section is one. */
    private void endSection(boolean sync) throws IOException, InterruptedException {
        if (sync || mode.flushAfterEachSection()) {
            long start = System.nanoTime();
            lanes.sync(SyncRequest.ALL);
            stats.latencies().record(Latencies.Kind.SYNC, System.nanoTime() - start);
            if (!mode.flushAfterEachSection()) {
                out.u64(RamFlags.MULTIFD_FLUSH);
            }
        }
        out.u64(RamFlags.EOS);
        Section ram = guest.ram();
        ram.writeFooter(out);
        flush();
    }
}
