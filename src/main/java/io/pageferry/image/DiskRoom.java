package io.pageferry.image;

import java.io.IOException;

/** Room on disk for an image that is being written: reserved before it is written to. For any thread. */
public interface DiskRoom {
    /** Nobody else's room is at stake. */
    DiskRoom UNLIMITED = new DiskRoom() {
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
     * Something is about to be written. The guest's RAM has its room already; what comes beside its pages is reserved
     * now.
     *
     * @param bytesBesidePages how much of that is not pages
     * @return what {@link #end} is to be given
     * @throws IOException where there is no room; nothing may be written then
     */
    long begin(long bytesBesidePages) throws IOException;

    /** It has been written, or failed to be. */
    void end(long use, long bytesBesidePages);

    /** What the guest has of RAM is all written: the rest of the room for that is not needed. */
    void allPagesHaveCome();
}
