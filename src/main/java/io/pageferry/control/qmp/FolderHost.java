package io.pageferry.control.qmp;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.metrics.MigrationListener;
import io.pageferry.session.ImageMigrations;
import io.pageferry.session.MigrationEntry;
import io.pageferry.session.Migrations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Has its images in one folder, and nothing outside of it. */
public final class FolderHost implements MigrationHost {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss");
    private static final String SUFFIX = ".img";

    private final Path folder;
    private final Migrations migrations;
    private final Supplier<MigrationParameters.Builder> parameters;
    private final ImageMigrations starter;
    private final AtomicLong names = new AtomicLong();

    /**
     * Makes a host.
     *
     * @param parameters new ones each time, with this process's limits
     */
    public FolderHost(Path folder, Migrations migrations, Supplier<MigrationParameters.Builder> parameters) {
        this.folder = folder;
        this.migrations = migrations;
        this.parameters = parameters;
        this.starter = new ImageMigrations(migrations);
    }

    @Override
    public Migrations migrations() {
        return migrations;
    }

    @Override
    public MigrationParameters.Builder parameters() {
        return parameters.get();
    }

    @Override
    public ImageMigrations.Arrival receive(
            MigrationUri source,
            Optional<String> image,
            Optional<UUID> guest,
            MigrationParameters migration,
            MigrationListener listener)
            throws IOException {
        return starter.receive(source, resolve(image.orElseGet(this::nextName)), guest, migration, listener);
    }

    @Override
    public MigrationEntry send(
            String image,
            MigrationUri destination,
            Optional<UUID> guest,
            MigrationParameters migration,
            MigrationListener listener)
            throws IOException {
        return starter.send(resolve(image), destination, guest, migration, listener);
    }

    @Override
    public List<StoredImage> images() throws IOException {
        List<StoredImage> images = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                describe(file).ifPresent(images::add);
            }
        }
        return images;
    }

    /** Nothing of what is hidden, as images are that are still being written, and of what has gone in the meantime. */
    private static Optional<StoredImage> describe(Path file) throws IOException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return attributes.isRegularFile() && !Files.isHidden(file)
                    ? Optional.of(new StoredImage(
                            file.getFileName().toString(),
                            attributes.size(),
                            attributes.lastModifiedTime().toInstant(),
                            Optional.empty(),
                            Optional.empty()))
                    : Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private Path resolve(String name) throws IOException {
        if (name.isEmpty() || name.startsWith(".") || name.contains("/") || name.indexOf('\0') >= 0) {
            throw new IOException("image must be the name of a file in the store: x-image=" + name);
        }
        return folder.resolve(name);
    }

    private String nextName() {
        return "guest-" + TIME.format(ZonedDateTime.now(ZoneOffset.UTC)) + "-" + names.incrementAndGet() + SUFFIX;
    }
}
