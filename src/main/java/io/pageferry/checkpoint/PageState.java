package io.pageferry.checkpoint;

/** What a checkpoint has of a page. */
public enum PageState {
    /** Its bytes. */
    PRESENT,
    /** That all its bytes are zero. */
    ZERO,
    /** Nothing: it lies elsewhere, as RAM does that is shared with other processes ({@code x-ignore-shared}). */
    MISSING
}
