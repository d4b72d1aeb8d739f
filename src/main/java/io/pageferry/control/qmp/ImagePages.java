package io.pageferry.control.qmp;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;

/** Goes through images page by page. One thread's. */
final class ImagePages<T> implements Iterator<T> {
    private static final int PAGE_IMAGES = 256;

    private final ImageList images;
    private final Function<ImageSummary, T> what;
    private Iterator<ImageSummary> page = List.<ImageSummary>of().iterator();
    private String last;
    private int left;

    ImagePages(ImageList images, String after, int limit, Function<ImageSummary, T> what) {
        this.images = images;
        this.what = what;
        this.last = after;
        this.left = limit;
    }

    @Override
    public boolean hasNext() {
        if (!page.hasNext() && left > 0) {
            List<ImageSummary> next = images.page(last, Math.min(left, PAGE_IMAGES));
            page = next.iterator();
            left = next.isEmpty() ? 0 : left - next.size();
        }
        return page.hasNext();
    }

    @Override
    public T next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        ImageSummary next = page.next();
        last = next.name();
        return what.apply(next);
    }
}
