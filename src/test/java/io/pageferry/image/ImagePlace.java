package io.pageferry.image;

import io.pageferry.checkpoint.Checkpoint;
import io.pageferry.checkpoint.CheckpointPlace;
import io.pageferry.checkpoint.CheckpointWriter;
import io.pageferry.checkpoint.SpaceReservation;
import io.pageferry.memory.BufferPool;
import io.pageferry.wire.Multifd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** A mapped-ram file in a folder. */
final class ImagePlace implements CheckpointPlace {
    /** As many as the suite's threads, each of which has one until its page is written. */
    private static final int BUFFERS = 4;

    private final Path path;
    private final long start;
    private final boolean directIo;
    private final BufferPool buffers = new BufferPool(Multifd.PACKET_DATA_BYTES, 4096, BUFFERS);

    ImagePlace(Path folder, long start, boolean directIo) {
        this.path = folder.resolve("guest.img");
        this.start = start;
        this.directIo = directIo;
    }

    @Override
    public CheckpointWriter create() throws IOException {
        return PendingImage.create(path, start, buffers, directIo, ImageAccess.OWNER, SpaceReservation.UNLIMITED);
    }

    @Override
    public Optional<Checkpoint> open() throws IOException {
        return Files.exists(path) ? Optional.of(Image.open(path, start, Long.MAX_VALUE, false)) : Optional.empty();
    }

    @Override
    public int leftovers() throws IOException {
        try (Stream<Path> files = Files.list(path.getParent())) {
            return (int) files.filter(file -> !file.equals(path) && !file.equals(SidecarFiles.sidecar(path)))
                    .count();
        }
    }

    @Override
    public void close() {
        buffers.close();
    }
}
