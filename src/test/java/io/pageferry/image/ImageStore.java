package io.pageferry.image;

import io.pageferry.checkpoint.CheckpointFacts;
import io.pageferry.checkpoint.SpaceReservation;
import io.pageferry.memory.BufferPool;
import io.pageferry.memory.LoadingPageSource;
import io.pageferry.memory.PageSink;
import io.pageferry.memory.PageStore;
import io.pageferry.memory.RamLayout;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceState;
import io.pageferry.stream.Section;
import io.pageferry.wire.Multifd;
import java.io.IOException;
import java.nio.file.Path;

/** Pages in an image. */
final class ImageStore implements PageStore {
    private static final Section RAM = new Section(2, Section.RAM, 0, Section.RAM_VERSION);

    private final Path path;
    private final boolean directIo;
    private final BufferPool buffers;
    private final PendingImage written;
    private final PageSink sink;
    private Image image;

    /**
     * Begins an image.
     *
     * @param buffers how many packets may be on their way at the same time
     */
    ImageStore(Path folder, RamLayout layout, boolean directIo, int buffers) throws IOException {
        this.path = folder.resolve("guest.img");
        this.directIo = directIo;
        this.buffers = new BufferPool(Multifd.PACKET_DATA_BYTES, layout.pageSizeBytes(), buffers);
        this.written =
                PendingImage.create(path, 0, this.buffers, directIo, ImageAccess.OWNER, SpaceReservation.UNLIMITED);
        this.sink = written.begin(Configuration.of("pc-q35-10.0"), RAM, layout);
    }

    @Override
    public PageSink sink() {
        return sink;
    }

    @Override
    public LoadingPageSource finish() throws IOException {
        written.finish(DeviceState.empty());
        written.complete(CheckpointFacts.NONE);
        image = Image.open(path, 0, Long.MAX_VALUE, directIo);
        return image.withBuffers(buffers);
    }

    @Override
    public void close() throws IOException {
        if (image != null) {
            image.close();
        }
        written.close();
        buffers.close();
    }
}
