package io.pageferry.session;

import io.pageferry.config.MigrationParameters;
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

/** Keeps a guest as an image, which appears under its name when it is complete and on disk. */
public final class ImageDestination implements Destination {
    private static final byte[] NO_FACTS = {};

    private final PendingFile file;
    private final long start;
    private final BufferPool buffers;
    private final boolean directIo;
    private volatile ImageWriter writer; // set by the migration's main thread

    private ImageDestination(PendingFile file, long start, BufferPool buffers, boolean directIo) {
        this.file = file;
        this.start = start;
        this.buffers = buffers;
        this.directIo = directIo;
    }

    /**
     * Makes sure that there can be an image, before anybody sends one.
     *
     * @param start where in the file it begins; what is there before that is kept
     */
    public static ImageDestination create(Path path, long start, MigrationParameters parameters) throws IOException {
        BufferPool buffers = PacketBuffers.newPool(parameters.multifdChannels());
        return new ImageDestination(PendingFile.create(path, start), start, buffers, parameters.directIo());
    }

    @Override
    public PageSink open(Configuration configuration, Section ram, RamLayout layout) throws IOException {
        writer = ImageWriter.begin(file, start, configuration, ram, layout, buffers, directIo);
        return writer;
    }

    /** How much of the guest's RAM takes room on disk by now. For any thread. */
    public long presentBytes() {
        ImageWriter begun = writer;
        return begun == null ? 0 : begun.presentBytes();
    }

    @Override
    public DeviceStateSink deviceStateSink() {
        return writer.deviceStateSink();
    }

    @Override
    public void complete(ReceivedGuest guest) throws IOException {
        complete(guest, NO_FACTS);
    }

    /**
     * The same with a {@linkplain io.pageferry.image.Companions sidecar}.
     *
     * @param facts what it has; nothing where there shall be none
     */
    public void complete(ReceivedGuest guest, byte[] facts) throws IOException {
        writer.finish(guest.deviceState());
        file.commit(facts);
    }

    @Override
    public void close() throws IOException {
        try {
            if (writer != null) {
                writer.close();
            }
        } finally {
            file.close();
            buffers.close();
        }
    }
}
