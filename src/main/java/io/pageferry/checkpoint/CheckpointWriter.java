package io.pageferry.checkpoint;

import io.pageferry.memory.PageSink;
import io.pageferry.memory.RamLayout;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceState;
import io.pageferry.stream.DeviceStateSink;
import io.pageferry.stream.DeviceStateStore;
import io.pageferry.stream.Section;
import java.io.IOException;

/**
 * A checkpoint that is being written: made, {@linkplain #begin begun}, {@linkplain #finish finished},
 * {@linkplain #complete completed} and closed, by one thread at a time; pages and device state beside RAM come from any
 * number of others in between, in any order.
 *
 * <p>Until it is complete nobody finds it, and what was there under its name stays as it was. One that is closed
 * before, or whose process dies, is gone.
 */
public interface CheckpointWriter extends AutoCloseable {
    /**
     * Begins the checkpoint, once.
     *
     * @param ram how the source began its RAM section
     * @param layout the guest's blocks
     * @return where its pages go: all are zero until they are written, and the last content of a page wins
     */
    PageSink begin(Configuration configuration, Section ram, RamLayout layout) throws IOException;

    /** Where device state goes that comes beside RAM. Once begun. */
    DeviceStateSink deviceStateSink();

    /**
     * Where device state goes that comes behind RAM, so that it need not be kept in memory until it has all come. Once
     * all pages have.
     */
    DeviceStateStore deviceStateStore() throws IOException;

    /** How much of the guest's RAM has come and is not zero, in bytes. For any thread, at any time; a moment old. */
    long presentBytes();

    /** How much room the checkpoint takes where it is kept, in bytes. For any thread, at any time; a moment old. */
    long bytesOnDisk();

    /**
     * Writes what comes behind the pages, all of which have come, and has everything on stable storage.
     *
     * @param deviceState in its {@linkplain #deviceStateStore store}, or elsewhere
     */
    void finish(DeviceState deviceState) throws IOException;

    /**
     * Has a finished checkpoint found under its name from now on, also after a loss of power. Where this fails it is
     * gone, and what it was to replace is there again; where that cannot be, the message says so.
     *
     * @param facts what is known of it; with {@link CheckpointFacts#NONE} nothing is
     */
    void complete(CheckpointFacts facts) throws IOException;

    /** Lets go of everything. Where it is complete, what cannot be let go of is no failure any more. */
    @Override
    void close() throws IOException;
}
