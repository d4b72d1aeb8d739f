package io.pageferry.store.folder;

import io.pageferry.checkpoint.CheckpointFacts;
import io.pageferry.image.Folders;
import io.pageferry.image.Image;
import io.pageferry.image.ImageException;
import io.pageferry.image.Leftovers;
import io.pageferry.image.SidecarFiles;
import io.pageferry.store.GuestIdentity;
import io.pageferry.store.ImageName;
import io.pageferry.store.StoredImage;
import io.pageferry.stream.Configuration;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What lies in a store's folder when it is opened. */
record StoreFolder(Path folder) {
    private static final Logger LOG = LoggerFactory.getLogger(StoreFolder.class);

    /**
     * Removes what a dead process has left half done, and empty folders; finds the complete images, by name. What else
     * there is, is left alone.
     */
    Map<String, StoredImage> open() throws IOException {
        int removed = 0;
        for (Path guest : guests()) {
            try {
                for (Path partial : Leftovers.removeAll(guest, ImageName.SUFFIX)) {
                    removed++;
                    LOG.info("partial image removed: image={}", folder.relativize(partial));
                }
                Folders.removeIfEmpty(guest);
            } catch (AccessDeniedException e) {
                continue; // scan() says so
            }
        }
        Map<String, StoredImage> images = scan();
        LOG.info("store opened: store={} images={} partialImagesRemoved={}", folder, images.size(), removed);
        return images;
    }

    /** Finds the complete images, by name. */
    Map<String, StoredImage> scan() throws IOException {
        Map<String, StoredImage> images = new TreeMap<>();
        for (Path guest : guests()) {
            for (Path file : listGuest(guest)) {
                describe(file).ifPresent(image -> images.put(image.name(), image));
            }
        }
        return images;
    }

    private List<Path> guests() throws IOException {
        return list(folder).stream()
                .filter(guest -> ImageName.isValid(guest.getFileName() + "/an" + ImageName.SUFFIX)
                        && Files.isDirectory(guest, LinkOption.NOFOLLOW_LINKS))
                .toList();
    }

    /** Nothing where the folder has gone meanwhile, or is somebody else's. */
    private static List<Path> listGuest(Path guest) throws IOException {
        try {
            return list(guest);
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (AccessDeniedException e) {
            LOG.warn("folder of the store must be readable, what is in it is left alone: folder={}", guest);
            return List.of();
        }
    }

    private static List<Path> list(Path of) throws IOException {
        try (Stream<Path> files = Files.list(of)) {
            return files.sorted().toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private Optional<StoredImage> describe(Path file) {
        String name = folder.relativize(file).toString();
        if (!ImageName.isValid(name) || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try {
            Configuration configuration = Image.configurationOf(file);
            Optional<CheckpointFacts> facts = facts(name, file);
            return Optional.of(new StoredImage(
                    name,
                    file.toString(),
                    facts.flatMap(CheckpointFacts::guest)
                            .or(() -> GuestIdentity.uuidOfFolder(ImageName.folderOf(name)))
                            .or(configuration::uuid),
                    Optional.of(configuration.machineType().name()),
                    begun(name, file),
                    Files.size(file),
                    StoredImage.State.COMPLETE,
                    facts));
        } catch (IOException e) {
            LOG.warn("image of the store must be one: image={} reason=\"{}\"", name, e.getMessage());
            return Optional.empty();
        }
    }

    /**
     * What the sidecar has; where there is none, only when the file was written last. Empty where it cannot be read:
     * the image is nobody's then, and stays.
     */
    private static Optional<CheckpointFacts> facts(String name, Path file) throws IOException {
        try {
            Optional<CheckpointFacts> known = SidecarFiles.readFacts(file);
            return known.isPresent()
                    ? known
                    : Optional.of(CheckpointFacts.NONE.withCompleted(
                            Files.getLastModifiedTime(file).toInstant()));
        } catch (ImageException e) {
            LOG.warn(
                    "image's sidecar must have its facts, the image stays: image={} reason=\"{}\"",
                    name,
                    e.getMessage());
            return Optional.empty();
        }
    }

    /** As its name says; where a client chose that, and it is no time, when its file was made. */
    private static Instant begun(String name, Path file) throws IOException {
        Optional<Instant> said = ImageName.begun(name);
        return said.isPresent()
                ? said.get()
                : Files.readAttributes(file, BasicFileAttributes.class)
                        .creationTime()
                        .toInstant();
    }
}
