package io.pageferry.control.qmp;

import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;

/** The images that there are, in the order of their names, any number of them. For any thread. */
public interface ImageList {
    /**
     * Some of them.
     *
     * @param after only those behind this name, which need not be there any more; empty: from the first one on
     * @param limit how many at the most
     */
    List<ImageSummary> page(String after, int limit);

    /**
     * The newest of those that fit, the newest first; those that are being written before them.
     *
     * @param text what an image must {@linkplain ImageSummary#contains contain}; empty: nothing
     * @param limit how many at the most
     */
    default List<ImageSummary> newest(String text, int limit) {
        return page("", Integer.MAX_VALUE).stream()
                .filter(image -> image.contains(text))
                .sorted(Comparator.comparing(ImageSummary::begun).reversed())
                .limit(limit)
                .toList();
    }

    /** How many there are. */
    int count();

    /**
     * The same as {@link #page}, a few at a time, so that many cost no more memory than few. One that comes or goes
     * meanwhile is there or not; all others are there once.
     *
     * @param what is made of each
     */
    default <T> Iterator<T> each(String after, int limit, Function<ImageSummary, T> what) {
        return new ImagePages<>(this, after, limit, what);
    }
}
