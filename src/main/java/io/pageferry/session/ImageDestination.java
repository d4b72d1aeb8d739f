package io.pageferry.session;

import io.pageferry.config.MigrationParameters;
import io.pageferry.image.DiskRoom;
import io.pageferry.image.ImageAccess;
import io.pageferry.image.ImageFacts;
import io.pageferry.image.ImageWriter;
import io.pageferry.image.PendingFile;
import io.pageferry.memory.BufferPool;
import io.pageferry.memory.PageSink;
import io.pageferry.memory.RamLayout;
import io.pageferry.receive.ReceivedGuest;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceStateSink;
import io.pageferry.stream.Section;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/** Keeps a guest as an image, which appears under its name when it is complete and on disk. */
public final class ImageDestination implements Destination {
    private final PendingFile file;
    private final long start;
    private final BufferPool buffers;
    private final boolean directIo;
    private final DiskRoom room;
    private volatile ImageWriter writer; // set by the migration's main thread
    private volatile boolean complete; // likewise
    private ImageFacts facts = ImageFacts.NONE; // the migration's main thread's

    private ImageDestination(PendingFile file, long start, BufferPool buffers, boolean directIo, DiskRoom room) {
        this.file = file;
        this.start = start;
        this.buffers = buffers;
        this.directIo = directIo;
        this.room = room;
    }

    /** The same for an image that its owner alone may read. */
    public static ImageDestination create(Path path, long start, MigrationParameters parameters) throws IOException {
        return create(path, start, parameters, ImageAccess.OWNER);
    }

    /**
     * Makes sure that there can be an image, before anybody sends one.
     *
     * @param start where in the file it begins; what is there before that is kept
     * @param access who may read it
     */
    public static ImageDestination create(Path path, long start, MigrationParameters parameters, ImageAccess access)
            throws IOException {
        return create(path, start, parameters, access, DiskRoom.UNLIMITED);
    }

    /**
     * The same where room on disk is counted.
     *
     * @param room has enough reserved for the guest's RAM when it is opened
     */
    public static ImageDestination create(
            Path path, long start, MigrationParameters parameters, ImageAccess access, DiskRoom room)
            throws IOException {
        PendingFile file = PendingFile.create(path, start, access);
        return new ImageDestination(
                file, start, PacketBuffers.newPool(parameters.multifdChannels()), parameters.directIo(), room);
    }

    @Override
    public void guestIs(Optional<UUID> uuid, Optional<String> source) throws IOException {
        facts = ImageFacts.of(uuid, source);
    }

    @Override
    public PageSink open(Configuration configuration, Section ram, RamLayout layout) throws IOException {
        writer = ImageWriter.begin(file, start, configuration, ram, layout, buffers, directIo, room);
        return writer;
    }

    /** How much of the guest's RAM has come and is not zero. For any thread. */
    public long presentBytes() {
        ImageWriter begun = writer;
        return begun == null ? 0 : begun.presentBytes();
    }

    /** How much room the image takes on disk by now. For any thread. */
    public long bytesOnDisk() {
        ImageWriter begun = writer;
        return begun == null ? 0 : begun.bytesOnDisk();
    }

    @Override
    public DeviceStateSink deviceStateSink() {
        return writer.deviceStateSink();
    }

    @Override
    public void complete(ReceivedGuest guest) throws IOException {
        finish(guest);
        publish(facts.withCompleted(Instant.now()));
    }

    /** Has everything of the image on disk, which has no name yet. */
    public void finish(ReceivedGuest guest) throws IOException {
        writer.finish(guest.deviceState());
        file.force();
    }

    /** Gives a finished image its name. */
    public void publish(ImageFacts known) throws IOException {
        file.commit(known.toJson());
        complete = true;
    }

    @Override
    public void close() throws IOException {
        try {
            closeFiles();
        } catch (IOException e) {
            if (!complete) {
                throw e;
            }
            // The image is on disk, and its source knows: that something cannot be let go of does not make that untrue.
        } finally {
            buffers.close();
        }
    }

    private void closeFiles() throws IOException {
        try {
            if (writer != null) {
                writer.close();
            }
        } finally {
            file.close();
        }
    }
}
