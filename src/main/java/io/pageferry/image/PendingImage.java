package io.pageferry.image;

import io.pageferry.checkpoint.CheckpointFacts;
import io.pageferry.checkpoint.CheckpointTarget;
import io.pageferry.checkpoint.CheckpointWriter;
import io.pageferry.checkpoint.SpaceReservation;
import io.pageferry.memory.BufferPool;
import io.pageferry.memory.PageSink;
import io.pageferry.memory.RamLayout;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceState;
import io.pageferry.stream.DeviceStateSink;
import io.pageferry.stream.DeviceStateStore;
import io.pageferry.stream.Section;
import java.io.IOException;
import java.nio.file.Path;

/** An image that appears under its name when it is complete and on disk: a {@link PendingFile} and what writes it. */
public final class PendingImage implements CheckpointWriter {
    private final PendingFile file;
    private final long start;
    private final BufferPool buffers;
    private final boolean directIo;
    private final SpaceReservation reservation;
    private volatile ImageWriter writer; // set by the thread that begins it
    private volatile boolean complete; // set by the thread that completes it

    private PendingImage(
            PendingFile file, long start, BufferPool buffers, boolean directIo, SpaceReservation reservation) {
        this.file = file;
        this.start = start;
        this.buffers = buffers;
        this.directIo = directIo;
        this.reservation = reservation;
    }

    /**
     * An image that its owner alone may read, in a file of its own, with nobody else's space at stake.
     *
     * @param directIo whether pages are written past the page cache
     */
    public static CheckpointTarget at(Path path, boolean directIo) {
        return at(path, directIo, ImageAccess.OWNER);
    }

    /** The same for others to read, too. */
    public static CheckpointTarget at(Path path, boolean directIo, ImageAccess access) {
        return buffers -> create(path, 0, buffers, directIo, access, SpaceReservation.UNLIMITED);
    }

    /**
     * Makes sure that there can be an image, before anybody sends one.
     *
     * @param start where in the file it begins; what is there before that is kept
     * @param buffers where page data waits to be written, its maker's to close; each buffer holds a packet's
     * @param directIo whether pages are written past the page cache
     * @param access who may read it
     * @param reservation has enough reserved for the guest's RAM when it is begun
     */
    public static PendingImage create(
            Path path,
            long start,
            BufferPool buffers,
            boolean directIo,
            ImageAccess access,
            SpaceReservation reservation)
            throws IOException {
        return new PendingImage(PendingFile.create(path, start, access), start, buffers, directIo, reservation);
    }

    @Override
    public PageSink begin(Configuration configuration, Section ram, RamLayout layout) throws IOException {
        writer = ImageWriter.begin(file, start, configuration, ram, layout, buffers, directIo, reservation);
        return writer;
    }

    @Override
    public DeviceStateSink deviceStateSink() {
        return writer.deviceStateSink();
    }

    @Override
    public DeviceStateStore deviceStateStore() throws IOException {
        return writer.deviceStateStore();
    }

    @Override
    public long presentBytes() {
        ImageWriter begun = writer;
        return begun == null ? 0 : begun.presentBytes();
    }

    @Override
    public long bytesOnDisk() {
        ImageWriter begun = writer;
        return begun == null ? 0 : begun.bytesOnDisk();
    }

    @Override
    public void finish(DeviceState deviceState) throws IOException {
        writer.finish(deviceState);
        file.force();
    }

    @Override
    public void complete(CheckpointFacts facts) throws IOException {
        if (facts.equals(CheckpointFacts.NONE)) {
            file.commit();
        } else {
            file.commit(facts.toJson());
        }
        complete = true;
    }

    @Override
    public void close() throws IOException {
        try (PendingFile _ = file) {
            if (writer != null) {
                writer.close();
            }
        } catch (IOException e) {
            if (!complete) {
                throw e;
            }
            // The image is on disk, and its source knows: that something cannot be let go of does not make that untrue.
        }
    }
}
