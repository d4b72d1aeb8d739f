package io.pageferry.send;

import io.pageferry.handoff.Lanes;
import io.pageferry.handoff.SyncRequest;
import io.pageferry.memory.RamBlock;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.stream.Command;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceState;
import io.pageferry.stream.RamFlags;
import io.pageferry.stream.SectionType;
import io.pageferry.stream.StreamOutput;
import java.io.IOException;

/**
 * Writes the main stream, on the main thread.
 *
 * <p>Where pages go over channels, each channel sends a SYNC behind those of a round, and the stream says where it is
 * to be waited for. Where they are in the stream itself, channels that are there send their SYNC before a section
 * begins: a destination that waits for it at each section's end finds it, and another one leaves it unread.
 */
final class MainSender {
    /** As QEMU numbers its first one. */
    static final int PING_NUMBER = 1;

    /**
     * A section that has no sync may end here, in bytes: the receiver comes by its own loop now and then, and who looks
     * into a stream that broke off loses no more than this.
     */
    private static final long LONG_SECTION_BYTES = 64L << 20;

    private final OutgoingGuest guest;
    private final Configuration configuration;
    private final WireMode mode;
    private final StreamOutput out;
    private final Lanes<SendJob> lanes;
    private final boolean deviceStateBesideRam;
    private final MigrationStats stats;

    private final RamRecords records;
    private long partStart;
    private boolean inPart;

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
            boolean deviceStateBesideRam,
            MigrationStats stats) {
        this.guest = guest;
        this.configuration = configuration;
        this.mode = mode;
        this.out = out;
        this.lanes = lanes;
        this.deviceStateBesideRam = deviceStateBesideRam;
        this.stats = stats;
        this.records = new RamRecords(out, stats);
    }

    /** Where pages go that are in this stream. */
    RamRecords records() {
        return records;
    }

    /**
     * Header and configuration.
     *
     * @param returnPath whether there is anybody to be asked for an answer
     */
    void begin(boolean returnPath) throws IOException {
        out.u32(SectionType.FILE_MAGIC).u32(SectionType.FILE_VERSION);
        if (configuration.isPresent()) {
            configuration.withMappedRam(false).write(out);
        }
        if (returnPath) {
            new Command(Command.OPEN_RETURN_PATH, 0).write(out);
            new Command(Command.PING, PING_NUMBER).write(out);
        }
        flush();
    }

    /** The list of blocks, and the first sync: from it the destination knows that the blocks are known. */
    void setup() throws IOException, InterruptedException {
        syncAhead();
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

    /** Another part of the RAM section begins. */
    void beginPart() throws IOException, InterruptedException {
        syncAhead();
        partStart = out.position();
        inPart = true;
        guest.ram().writeNext(out, SectionType.SECTION_PART);
    }

    /** The last part of the RAM section begins. The guest has stopped. */
    void beginEnd() throws IOException, InterruptedException {
        syncAhead();
        // Devices whose state has gone beside RAM wait for this, so it must be known to who has them.
        if (mode.announceSwitchover() || deviceStateBesideRam) {
            new Command(Command.SWITCHOVER_START, 0).write(out);
        }
        guest.ram().writeNext(out, SectionType.SECTION_END);
    }

    private void syncAhead() throws InterruptedException {
        if (mode.pagesOnMainChannel() && lanes.channels() > 0) {
            ChannelSync.run(lanes, SyncRequest.ALL, stats);
        }
    }

    /** Goes on in another section where this one has become long, and nobody has to be waited for. */
    void endSectionWhereLong() throws IOException, InterruptedException {
        if (inPart && lanes.channels() == 0 && out.position() - partStart > LONG_SECTION_BYTES) {
            endSection(false);
            beginPart();
        }
    }

    /** Ends a RAM section, with a sync where pages were sent in it, or where every end of a section is one. */
    void endSection(boolean sync) throws IOException, InterruptedException {
        inPart = false;
        if (!mode.pagesOnMainChannel() && (sync || mode.flushAfterEachSection())) {
            ChannelSync.run(lanes, SyncRequest.ALL, stats);
            if (!mode.flushAfterEachSection()) {
                out.u64(RamFlags.MULTIFD_FLUSH);
            }
        }
        out.u64(RamFlags.EOS);
        if (configuration.isPresent()) {
            guest.ram().writeFooter(out);
        }
    }

    /** Everything behind RAM, to be {@linkplain #flush flushed} with its end as a whole. */
    void deviceState() throws IOException {
        DeviceState deviceState = guest.deviceState();
        deviceState.write(out);
        stats.deviceStateBytes.add(deviceState.lengthBytes());
    }

    void flush() throws IOException {
        out.flush();
    }
}
