package io.pageferry.send.postcopy;

import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.PageBatch;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.send.RamRecords;
import io.pageferry.stream.RamFlags;
import io.pageferry.stream.Section;
import io.pageferry.stream.SectionType;
import io.pageferry.stream.StreamOutput;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A channel's records of pages. On the main channel they are in one section, which stays open for as long as nothing
 * else is to be said; a preempt channel has nothing else.
 *
 * <p>Several threads write, each in its turn: first come, first served, so that who answers waits for no more than what
 * is being written.
 */
final class PageStream {
    private final ReentrantLock turn = new ReentrantLock(true);

    // Of whoever has the turn.
    private final StreamOutput out;
    private final Section ram; // null on a preempt channel
    private final boolean footers;
    private final RamRecords records;
    private boolean inSection;
    private boolean ended;

    private PageStream(StreamOutput out, Section ram, boolean footers, MigrationStats stats) {
        this.out = out;
        this.ram = ram;
        this.footers = footers;
        this.records = new RamRecords(out, stats);
    }

    /**
     * Makes that of a main channel.
     *
     * @param footers whether the guest's streams have footers behind their sections
     */
    static PageStream ofMainChannel(StreamOutput out, Section ram, boolean footers, MigrationStats stats) {
        return new PageStream(out, ram, footers, stats);
    }

    /** Makes that of a preempt channel. */
    static PageStream ofPreemptChannel(StreamOutput out, MigrationStats stats) {
        return new PageStream(out, null, false, stats);
    }

    /** Takes the turn, which is to be {@linkplain #leave left}. */
    void enter() throws InterruptedException {
        turn.lockInterruptibly();
    }

    void leave() {
        turn.unlock();
    }

    /** Whether no more pages may be written. In turn. */
    boolean isEnded() {
        return ended;
    }

    /** Writes a batch's pages, zero ones too, and leaves nothing in a buffer. In turn. */
    void write(PageBatch batch, LoadedPages loaded) throws IOException {
        if (ram != null && !inSection) {
            ram.writeNext(out, SectionType.SECTION_PART);
            inSection = true;
        }
        records.batch(batch, loaded);
        out.flush();
    }

    /** Ends the section that is open, if one is, so that something else can be said. In turn. */
    StreamOutput interrupt() throws IOException {
        if (inSection) {
            endSection();
            inSection = false;
        }
        return out;
    }

    /** Leaves nothing of what was said in a buffer. In turn. */
    void flush() throws IOException {
        out.flush();
    }

    /** Says that all pages have been written. In turn. */
    void end() throws IOException {
        if (ram == null) {
            out.u64(RamFlags.EOS);
        } else {
            interrupt();
            ram.writeNext(out, SectionType.SECTION_END);
            endSection();
            out.u8(SectionType.EOF);
        }
        ended = true;
        out.flush();
    }

    private void endSection() throws IOException {
        out.u64(RamFlags.EOS);
        if (footers) {
            ram.writeFooter(out);
        }
    }
}
