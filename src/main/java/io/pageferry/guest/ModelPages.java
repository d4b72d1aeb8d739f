package io.pageferry.guest;

import io.pageferry.memory.IoVector;
import io.pageferry.memory.MemoryRegion;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageReader;
import io.pageferry.memory.PageSource;
import io.pageferry.memory.RamBlock;
import java.io.IOException;

/**
 * Fills a guest's RAM with the pages of another one's. Neighbours stay neighbours, a packet's worth at a time, as
 * compression depends on them: a guest of the same size gets all pages in their order; a smaller one gets parts from
 * everywhere, and a larger one some of them again.
 */
final class ModelPages {
    private static final int PAGE = GuestShape.PAGE_SIZE_BYTES;

    /** A packet's worth. */
    private static final int RUN_PAGES = 128;

    private ModelPages() {}

    static void copy(PageSource model, MemoryRegion into, long sizeBytes) throws IOException {
        int pageSize = model.layout().pageSizeBytes();
        long modelPages = model.layout().totalPages();
        if (pageSize != PAGE || modelPages == 0) {
            throw new IOException("guest to be like must have RAM, and pages of 4096 bytes: page-size=" + pageSize
                    + " pages=" + modelPages);
        }
        long pages = sizeBytes / PAGE;
        long runs = (pages + RUN_PAGES - 1) / RUN_PAGES;
        long modelRuns = (modelPages + RUN_PAGES - 1) / RUN_PAGES;
        PageBatch batch = new PageBatch(0, 1);
        IoVector vector = new IoVector(1);
        try (PageReader reader = model.openReader()) {
            for (long page = 0; page < pages; page++) {
                long run = page / RUN_PAGES;
                long from = (runs == modelRuns ? run : run * modelRuns / runs) * RUN_PAGES + page % RUN_PAGES;
                copyPage(model, reader, from % modelPages, into, page, batch, vector);
            }
        }
    }

    /** Pages are counted over all blocks. */
    private static void copyPage(
            PageSource model,
            PageReader reader,
            long from,
            MemoryRegion into,
            long to,
            PageBatch batch,
            IoVector vector)
            throws IOException {
        long inBlock = from;
        for (RamBlock block : model.layout().blocks()) {
            if (inBlock < block.pages()) {
                if (model.present(block).isSet(inBlock)) {
                    batch.begin(block);
                    batch.add(inBlock * PAGE);
                    vector.clear();
                    vector.add(into, to * PAGE, PAGE);
                    reader.read(batch, vector);
                }
                return;
            }
            inBlock -= block.pages();
        }
    }
}
