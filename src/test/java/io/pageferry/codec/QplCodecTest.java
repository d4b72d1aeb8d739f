package io.pageferry.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pageferry.memory.GuestMemory;
import io.pageferry.memory.IoVector;
import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.RamLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The format of QEMU's {@code qpl}, by the JDK. */
class QplCodecTest extends PagewiseCodecSuite {
    @Override
    PageCodec codec(Deflates deflates) {
        return new QplCodec(deflates);
    }

    @Override
    boolean isZlib() {
        return false;
    }

    /** Beyond what the accelerator looks back. */
    @Test
    void shouldSendPageAsItIsWhenItIsLargerThanTheWindow() throws Exception {
        int page = 2 * PAGE;
        RamLayout layout = new RamLayout(page, List.of("ram"), new long[] {page});
        try (GuestMemory memory = new GuestMemory(layout);
                PageEncoder encoder = codec().newEncoder(level(), buffers)) {
            PageBatch batch = new PageBatch(0, 1);
            batch.begin(layout.block(0));
            batch.add(0);
            LoadedPages loaded = new LoadedPages(1);
            loaded.begin(memory.region(layout.block(0)));
            IoVector packet = new IoVector(2);
            encoder.encode(batch, loaded, packet);
            assertEquals(Integer.BYTES + page, packet.totalBytes());
        }
    }
}
