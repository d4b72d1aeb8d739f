package io.pageferry.store;

import io.pageferry.config.MigrationParameters;
import io.pageferry.image.ImageWriter;
import io.pageferry.memory.PageSink;
import io.pageferry.memory.RamLayout;
import io.pageferry.receive.ReceivedGuest;
import io.pageferry.session.Destination;
import io.pageferry.session.ImageDestination;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceStateSink;
import io.pageferry.stream.Section;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/** A guest on its way into a store. There is no file before the guest's size is known and has room. */
public final class StoreDestination implements Destination {
    /** How large it is comes out last, and nobody says it before: a PC's has some 100 KiB, one with devices of its host's some MiB. */
    static final long DEVICE_STATE_BYTES = 16L << 20;

    private final ImageStore store;
    private final String name;
    private final Path path;
    private final Optional<UUID> guest;
    private final Instant begun;
    private final MigrationParameters parameters;

    // Written by the migration's main thread.
    private volatile ImageDestination image;
    private volatile Configuration configuration;
    private volatile long reservedBytes;

    StoreDestination(
            ImageStore store,
            String name,
            Path path,
            Optional<UUID> guest,
            Instant begun,
            MigrationParameters parameters) {
        this.store = store;
        this.name = name;
        this.path = path;
        this.guest = guest;
        this.begun = begun;
        this.parameters = parameters;
    }

    public String name() {
        return name;
    }

    /** Where the image is going to be. */
    public Path path() {
        return path;
    }

    /** The image as it is so far. */
    StoredImage describe() {
        Configuration known = configuration;
        return new StoredImage(
                name,
                path,
                guest,
                Optional.ofNullable(known).map(said -> said.machineType().name()),
                begun,
                writtenBytes(),
                StoredImage.State.WRITING);
    }

    /** The disk space that the guest may still take. */
    long outstandingBytes() {
        return Math.max(0, reservedBytes - writtenBytes());
    }

    private long writtenBytes() {
        ImageDestination begunImage = image;
        return begunImage == null ? 0 : begunImage.presentBytes();
    }

    @Override
    public PageSink open(Configuration said, Section ram, RamLayout layout) throws IOException {
        configuration = said;
        long bytes = ImageWriter.mostBytes(layout) + DEVICE_STATE_BYTES;
        store.reserve(bytes, () -> reservedBytes = bytes);
        store.makeFolder(path.getParent());
        image = ImageDestination.create(path, 0, parameters);
        return image.open(said, ram, layout);
    }

    @Override
    public DeviceStateSink deviceStateSink() {
        return image.deviceStateSink();
    }

    @Override
    public void complete(ReceivedGuest received) throws IOException {
        image.complete(received);
        store.completed(new StoredImage(
                name,
                path,
                guest,
                Optional.of(received.configuration().machineType().name()),
                begun,
                path.toFile().length(), // which cannot fail: it is too late for that
                StoredImage.State.COMPLETE));
    }

    @Override
    public void close() throws IOException {
        try {
            if (image != null) {
                image.close();
            }
        } finally {
            store.ended(this);
        }
    }
}
