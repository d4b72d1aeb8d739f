package io.pageferry.checkpoint;

import io.pageferry.memory.BufferPool;
import io.pageferry.memory.LoadingPageSource;
import io.pageferry.memory.PageSource;
import io.pageferry.memory.RamBlock;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceState;
import io.pageferry.stream.DeviceStateSource;
import io.pageferry.stream.Section;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A guest at rest: all that it takes to start it again where it stopped. Opened and closed by one thread, read by any.
 *
 * <p>As a {@link PageSource} it is read into memory of the reader's; {@link #withBuffers} is for those who send.
 */
public interface Checkpoint extends PageSource, AutoCloseable {
    /** What the guest's source said of it: machine type, uuid, page size, capabilities. */
    Configuration configuration();

    /** How the RAM section begins. */
    Section ramSection();

    /** What is there of a page; {@link #present} has the same for all of a block's at once. */
    PageState state(RamBlock block, long page);

    /**
     * Reads whole pages that lie behind one another, from the buffer's position to its limit. Pages that are not
     * present are read as zeros.
     *
     * @param offset in the block, in bytes, of a page's beginning
     * @throws IllegalArgumentException where these are not whole pages of the block
     */
    void read(RamBlock block, long offset, ByteBuffer into) throws IOException;

    /** What {@link #read} asks for, to be held against a block. */
    static void requirePages(RamBlock block, long offset, long lengthBytes) {
        int pageSize = block.pageSizeBytes();
        if (offset < 0
                || offset % pageSize != 0
                || lengthBytes % pageSize != 0
                || offset > block.lengthBytes() - lengthBytes) {
            throw new IllegalArgumentException("range must be whole pages of the block: block=" + block.name()
                    + " offset=0x" + Long.toHexString(offset) + " length=0x" + Long.toHexString(lengthBytes)
                    + " blockLength=0x" + Long.toHexString(block.lengthBytes()));
        }
    }

    /**
     * The same pages for somebody who sends them.
     *
     * @param buffers where pages lie on their way; each buffer holds a packet's
     */
    LoadingPageSource withBuffers(BufferPool buffers);

    /** Device state that came beside RAM, on the channels. */
    DeviceStateSource deviceStateBesideRam();

    /** Device state that comes behind RAM, and the vmdescription at its end. */
    DeviceState deviceState();

    /**
     * What is known of the checkpoint besides: {@link CheckpointFacts#NONE} where nothing is.
     *
     * @throws IOException where it cannot be read, or is not valid
     */
    CheckpointFacts facts() throws IOException;

    /**
     * What the guest is known to need first: {@link WorkingSet#NONE} where nothing is known.
     *
     * @throws IOException where that cannot be read, or is not valid
     */
    default WorkingSet workingSet() throws IOException {
        return WorkingSet.NONE;
    }

    /**
     * Keeps what the guest is known to need first, in place of what was known before, where there is a place for it.
     *
     * @throws IOException where it cannot be kept; what was known before still is
     */
    default void keep(WorkingSet workingSet) throws IOException {}

    @Override
    void close() throws IOException;
}
