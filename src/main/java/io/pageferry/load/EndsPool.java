package io.pageferry.load;

import io.pageferry.config.MigrationUri;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The {@link Ends} that stay from turn to turn, one pair a kind of link, and the folders of all. Closing it removes
 * everything. Belongs to one thread.
 */
final class EndsPool implements AutoCloseable {
    private static final String PREFIX = "pageferry-load";

    private final List<String> worker;
    private final Optional<MigrationUri.Tcp> sink;
    private final Path folder;
    private final Path images;
    private final Map<Link.Shape, Ends> warm = new LinkedHashMap<>();

    private EndsPool(List<String> worker, Optional<MigrationUri.Tcp> sink, Path folder, Path images) {
        this.worker = worker;
        this.sink = sink;
        this.folder = folder;
        this.images = images;
    }

    /**
     * Makes the folders, and starts nothing yet. Sockets go to the system's temporary folder: their paths must be
     * short.
     *
     * @param worker the command that {@link WorkerProcess#start} takes
     * @param sink who takes all guests, if not a worker
     * @param images where a folder for images is made
     */
    static EndsPool create(List<String> worker, Optional<MigrationUri.Tcp> sink, Path images) throws IOException {
        if (!Files.isDirectory(images) || !Files.isWritable(images)) {
            throw new LoadException("images must go into a folder that is there and can be written: folder=" + images);
        }
        Path imageFolder = Files.createTempDirectory(images.toAbsolutePath(), PREFIX);
        return new EndsPool(worker, sink, Files.createTempDirectory(PREFIX), imageFolder);
    }

    /** Ends that stay until the pool is closed; the same as last time for the same kind of link. */
    Ends warm(Link.Shape shape) throws IOException, InterruptedException {
        Ends ends = warm.get(shape);
        if (ends == null) {
            ends = fresh(shape);
            warm.put(shape, ends);
        }
        return ends;
    }

    /** New ends, which are the caller's to close. */
    Ends fresh(Link.Shape shape) throws IOException, InterruptedException {
        return Ends.open(shape, worker, sink, folder, images);
    }

    @Override
    public void close() throws IOException {
        IOException failure = null;
        for (Ends ends : warm.values()) {
            try {
                ends.close();
            } catch (IOException e) {
                failure = failure == null ? e : failure;
            }
        }
        delete(folder);
        delete(images);
        if (failure != null) {
            throw failure;
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
