package io.pageferry.checkpoint;

import java.io.IOException;

/**
 * Space that is reserved, where a checkpoint is kept, for one that is being written: its writer asks for it before it
 * writes. For any thread.
 */
public interface SpaceReservation {
    /** Space is nobody else's: no writer is refused. */
    SpaceReservation UNLIMITED = new SpaceReservation() {
        @Override
        public long begin(long bytesBesidePages) {
            return 0;
        }

        @Override
        public void end(long use, long bytesBesidePages) {
            // Nothing was counted.
        }

        @Override
        public void allPagesHaveCome() {
            // Nothing was reserved.
        }
    };

    /**
     * Something is about to be written. The guest's RAM has its space already; what comes beside its pages is reserved
     * now.
     *
     * @param bytesBesidePages how much of that is not pages
     * @return what {@link #end} is to be given
     * @throws IOException where there is no space; nothing may be written then
     */
    long begin(long bytesBesidePages) throws IOException;

    /** It has been written, or failed to be. */
    void end(long use, long bytesBesidePages);

    /** What the guest has of RAM is all written: the rest of the space for that is not needed. */
    void allPagesHaveCome();
}
