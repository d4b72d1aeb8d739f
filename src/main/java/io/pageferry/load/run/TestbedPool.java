package io.pageferry.load.run;

import io.pageferry.config.MigrationUri;
import io.pageferry.load.LoadException;
import io.pageferry.load.link.Link;
import io.pageferry.load.worker.WorkerProcess;
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
 * The {@link Testbed}s that stay from turn to turn, one a kind of link, and the folders of all. Closing it removes
 * everything. Belongs to one thread.
 */
final class TestbedPool implements AutoCloseable {
    private static final String PREFIX = "pageferry-load";

    private final List<String> worker;
    private final Optional<MigrationUri.Tcp> sink;
    private final Path folder;
    private final Path images;
    private final Map<Link.Shape, Testbed> warm = new LinkedHashMap<>();

    private TestbedPool(List<String> worker, Optional<MigrationUri.Tcp> sink, Path folder, Path images) {
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
    static TestbedPool create(List<String> worker, Optional<MigrationUri.Tcp> sink, Path images) throws IOException {
        if (!Files.isDirectory(images) || !Files.isWritable(images)) {
            throw new LoadException("images must go into a folder that is there and can be written: folder=" + images);
        }
        Path imageFolder = Files.createTempDirectory(images.toAbsolutePath(), PREFIX);
        return new TestbedPool(worker, sink, Files.createTempDirectory(PREFIX), imageFolder);
    }

    /** A testbed that stays until the pool is closed; the same as last time for the same kind of link. */
    Testbed warm(Link.Shape shape) throws IOException, InterruptedException {
        Testbed testbed = warm.get(shape);
        if (testbed == null) {
            testbed = fresh(shape);
            warm.put(shape, testbed);
        }
        return testbed;
    }

    /** A new testbed, which is the caller's to close. */
    Testbed fresh(Link.Shape shape) throws IOException, InterruptedException {
        return Testbed.open(shape, worker, sink, folder, images);
    }

    @Override
    public void close() throws IOException {
        IOException failure = null;
        for (Testbed testbed : warm.values()) {
            try {
                testbed.close();
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
