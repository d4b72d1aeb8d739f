package io.pageferry.memory;

/**
 * What a live guest has written since it was last asked: the kernel's dirty log for a real one.
 *
 * <p>A page is marked after it was written, so a page whose mark was collected before it is read can only be newer than
 * the mark, and will be marked again when it is.
 */
public interface DirtyLog {
    /**
     * Moves the marks of a block into a bitmap.
     *
     * @return how many pages were marked
     */
    long collect(RamBlock block, PageBitmap into);
}
