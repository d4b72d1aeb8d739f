package io.pageferry.receive;

import io.pageferry.memory.IoVector;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageSink;
import io.pageferry.memory.PageWriter;
import io.pageferry.memory.RamBlock;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Pages that are read from the main stream to where they belong, in memory. Of the main thread. */
final class SinglePages implements StreamPages {
    private final PageSink sink;
    private final PageWriter writer;
    private final PageBatch page = new PageBatch(0, 1);
    private final IoVector place = new IoVector(1);
    private boolean begun;
    private ByteBuffer before; // null before a page is changed

    SinglePages(PageSink sink) throws IOException {
        this.sink = sink;
        this.writer = sink.openWriter();
    }

    @Override
    public ByteBuffer add(RamBlock of, long offset) throws IOException, InterruptedException {
        write();
        page.begin(of);
        page.add(offset);
        place.clear();
        writer.prepare(page, place);
        begun = true;
        return place.buffers()[0];
    }

    @Override
    public ByteBuffer addAgain(RamBlock of, long offset) throws IOException, InterruptedException {
        write();
        if (before == null) {
            before = ByteBuffer.allocate(of.pageSizeBytes());
        }
        // Before it is prepared: from then on it would be the guest's, whatever another guest has left there.
        sink.read(of, offset, before.clear());
        ByteBuffer now = add(of, offset);
        now.put(now.position(), before, 0, before.capacity());
        return now;
    }

    @Override
    public void addZero(RamBlock of, long offset) throws IOException, InterruptedException {
        write();
        sink.zero(of, offset);
    }

    @Override
    public void write() throws IOException, InterruptedException {
        if (begun) {
            begun = false;
            writer.commit(page);
        }
    }

    @Override
    public void close() {
        writer.close();
    }
}
