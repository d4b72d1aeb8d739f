package io.pageferry.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One bit for each page of a block. Bits are set and cleared atomically, by any thread at any time; scanning and
 * counting see each bit as it was at some moment during the scan.
 *
 * <p>Words are 64 bits, page n is bit n % 64 of word n / 64: written in little-endian order they are the bitmap of a
 * mapped-ram image.
 */
public final class PageBitmap {
    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);

    private final long pages;
    private final long[] words;

    /** Makes a bitmap with all bits clear. */
    public PageBitmap(long pages) {
        this.pages = pages;
        this.words = new long[Math.toIntExact((pages + 63) >>> 6)];
    }

    public long pages() {
        return pages;
    }

    public boolean isSet(long page) {
        return ((long) WORDS.getAcquire(words, word(page)) & mask(page)) != 0;
    }

    public void set(long page) {
        WORDS.getAndBitwiseOr(words, word(page), mask(page));
    }

    /** Clears a bit and says whether it was set. */
    public boolean clear(long page) {
        return ((long) WORDS.getAndBitwiseAnd(words, word(page), ~mask(page)) & mask(page)) != 0;
    }

    /** Sets bits {@code from} to {@code to - 1}. */
    public void setRange(long from, long to) {
        for (long page = from; page < to; ) {
            int bit = (int) (page & 63);
            int count = (int) Math.min(64 - bit, to - page);
            long mask = (count == 64 ? -1L : (1L << count) - 1) << bit;
            int word = word(page);
            if (((long) WORDS.getAcquire(words, word) & mask) != mask) {
                WORDS.getAndBitwiseOr(words, word, mask);
            }
            page += count;
        }
    }

    /** Clears bits {@code from} to {@code to - 1}. */
    public void clearRange(long from, long to) {
        for (long page = from; page < to; ) {
            int bit = (int) (page & 63);
            int count = (int) Math.min(64 - bit, to - page);
            long mask = (count == 64 ? -1L : (1L << count) - 1) << bit;
            WORDS.getAndBitwiseAnd(words, word(page), ~mask);
            page += count;
        }
    }

    public void setAll() {
        setRange(0, pages);
    }

    /** The first set bit at or after a page; {@link #pages()} where there is none. */
    public long nextSet(long from) {
        return next(from, 0, pages);
    }

    /** The first clear bit at or after a page; {@link #pages()} where there is none. */
    public long nextClear(long from) {
        return next(from, -1L, pages);
    }

    /** The same, looking at pages before a limit only; that one where there is none. */
    public long nextSet(long from, long limit) {
        return next(from, 0, limit);
    }

    /** The same, looking at pages before a limit only; that one where there is none. */
    public long nextClear(long from, long limit) {
        return next(from, -1L, limit);
    }

    private long next(long from, long inverter, long limit) {
        if (from >= limit) {
            return limit;
        }
        int word = word(from);
        int lastWord = word(limit - 1);
        long bits = ((long) WORDS.getAcquire(words, word) ^ inverter) & (-1L << from);
        while (bits == 0) {
            if (++word > lastWord) {
                return limit;
            }
            bits = (long) WORDS.getAcquire(words, word) ^ inverter;
        }
        return Math.min(limit, ((long) word << 6) + Long.numberOfTrailingZeros(bits));
    }

    /** How many bits are set. */
    public long count() {
        long count = 0;
        for (int i = 0; i < words.length; i++) {
            count += Long.bitCount((long) WORDS.getAcquire(words, i));
        }
        return count;
    }

    /**
     * Moves all set bits into another bitmap of the same length and leaves this one clear.
     *
     * @return how many bits were moved
     */
    public long drainTo(PageBitmap other) {
        long count = 0;
        for (int i = 0; i < words.length; i++) {
            if ((long) WORDS.getAcquire(words, i) != 0) {
                long bits = (long) WORDS.getAndSet(words, i, 0L);
                WORDS.getAndBitwiseOr(other.words, i, bits);
                count += Long.bitCount(bits);
            }
        }
        return count;
    }

    public int wordCount() {
        return words.length;
    }

    public long word(int index) {
        return (long) WORDS.getAcquire(words, index);
    }

    /** Puts 64 bits at once, as when a bitmap is read from an image; bits past the last page must be clear. */
    public void word(int index, long bits) {
        WORDS.setRelease(words, index, bits);
    }

    /** The bits of a word that stand for pages: all but in the last word of a bitmap that does not fill it. */
    public long wordMask(int index) {
        long rest = pages - ((long) index << 6);
        return rest >= 64 ? -1L : (1L << rest) - 1;
    }

    private static int word(long page) {
        return (int) (page >>> 6);
    }

    private static long mask(long page) {
        return 1L << page;
    }
}
