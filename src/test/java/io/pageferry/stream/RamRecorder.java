package io.pageferry.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Writes down what the RAM section's records say. */
final class RamRecorder implements RamSectionHandler {
    final List<String> events = new ArrayList<>();
    List<RamBlockEntry> blocks = List.of();
    long zeroPages;

    private final int pageSizeBytes;

    RamRecorder(int pageSizeBytes) {
        this.pageSizeBytes = pageSizeBytes;
    }

    /** How many sections have ended. */
    int sections() {
        return Collections.frequency(events, "end");
    }

    @Override
    public void blocks(List<RamBlockEntry> entries) {
        blocks = entries;
        events.add("blocks");
    }

    @Override
    public void zeroPage(int block, long offset) {
        zeroPages++;
        events.add("zero " + blocks.get(block).name() + " 0x" + Long.toHexString(offset));
    }

    @Override
    public void page(int block, long offset, StreamInput in) throws IOException {
        ByteBuffer page = ByteBuffer.allocate(pageSizeBytes);
        in.read(page, "page");
        events.add("page " + blocks.get(block).name() + " 0x" + Long.toHexString(offset) + " first=" + page.get(0));
    }

    @Override
    public void multifdFlush() {
        events.add("flush");
    }

    @Override
    public void endOfSection() {
        events.add("end");
    }
}
