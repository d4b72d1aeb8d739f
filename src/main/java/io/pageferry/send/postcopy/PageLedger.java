package io.pageferry.send.postcopy;

import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.PageSource;
import io.pageferry.memory.RamBlock;
import io.pageferry.send.SendException;
import java.util.List;

/** Which pages have been sent, each of them once, over all channels together. For any thread. */
final class PageLedger {
    private final PageSource pages;

    /** By index of the block: neither sent nor about to be. */
    private final List<PageBitmap> unsent;

    /** Begins with nothing sent. */
    PageLedger(PageSource pages) {
        this.pages = pages;
        this.unsent = pages.layout().blocks().stream()
                .map(block -> {
                    PageBitmap bitmap = new PageBitmap(block.pages());
                    bitmap.setAll();
                    return bitmap;
                })
                .toList();
    }

    /** Makes a page its caller's, who must send it; false where it is somebody else's, or sent. */
    boolean claim(RamBlock block, long page) {
        return unsent.get(block.index()).clear(page);
    }

    /** Says what the destination has of a block, whatever was sent of it before. Nobody may claim pages meanwhile. */
    void received(RamBlock block, PageBitmap received) {
        PageBitmap left = unsent.get(block.index());
        for (int i = 0; i < received.wordCount(); i++) {
            left.word(i, ~received.word(i) & received.wordMask(i));
        }
    }

    /** Whether there is anything of a page but zeros. */
    boolean isPresent(RamBlock block, long page) {
        return pages.present(block).isSet(page);
    }

    /** The first page, from one on, that is to be sent whether it is asked for or not; as many as there are if none. */
    long nextToPush(RamBlock block, long from) {
        PageBitmap present = pages.present(block);
        PageBitmap left = unsent.get(block.index());
        long page = from;
        while (page < block.pages()) {
            long there = present.nextSet(page);
            page = left.nextSet(there);
            if (page == there) {
                return page;
            }
        }
        return block.pages();
    }

    /**
     * Proves that the end may be said.
     *
     * @throws SendException where a page is not sent that is not zero
     */
    void requireAllSent() throws SendException {
        for (RamBlock block : pages.layout().blocks()) {
            long page = nextToPush(block, 0);
            if (page < block.pages()) {
                throw new SendException("all pages must be sent before the end is said: block=" + block.name()
                        + " page=" + page + " pages=" + block.pages());
            }
        }
    }
}
