package io.pageferry.store;

import io.pageferry.image.Companions;
import io.pageferry.image.Folders;
import io.pageferry.image.Image;
import io.pageferry.image.ImageException;
import io.pageferry.image.ImageFacts;
import io.pageferry.image.Leftovers;
import io.pageferry.stream.Configuration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What lies in a store's folder when it is opened. */
record StoreFolder(Path folder) {
    private static final Logger LOG = LoggerFactory.getLogger(StoreFolder.class);

    /** What an image may be called: one folder of the store's own, no hidden files, short enough for the partial file's name. */
    private static final Pattern NAME = Pattern.compile("\\w[\\w.@-]{0,127}/\\w[\\w.-]{0,127}\\.img");

    /** Those of them that a client may choose: folders of guests that have an owner are the store's. */
    private static final Pattern CLIENTS_NAME = Pattern.compile("[^@]*");

    /** What the store calls an image. */
    private static final Pattern IMAGE = Pattern.compile("(\\d{8}T\\d{6}\\.\\d{3}Z)(?:-(\\d{1,9}))?\\.img");

    static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    static boolean isNameForClients(String name) {
        return isName(name) && CLIENTS_NAME.matcher(name).matches();
    }

    /** Whether the store chose the name, not a client. */
    static boolean isOwnName(String name) {
        return IMAGE.matcher(name.substring(name.indexOf('/') + 1)).matches();
    }

    static String folderOf(String name) {
        return name.substring(0, name.indexOf('/'));
    }

    /** Which one it is of those that began at the same moment. */
    static int number(String name) {
        Matcher form = IMAGE.matcher(name.substring(name.indexOf('/') + 1));
        return form.matches() && form.group(2) != null ? Integer.parseInt(form.group(2)) : 1;
    }

    /**
     * Removes what a dead process has left half done, and empty folders; finds the complete images, by name. What else
     * there is, is left alone.
     */
    Map<String, StoredImage> open() throws IOException {
        int removed = 0;
        for (Path guest : guests()) {
            for (Path partial : Leftovers.removeAll(guest, ImageStore.SUFFIX)) {
                removed++;
                LOG.info("partial image removed: image={}", folder.relativize(partial));
            }
            if (isName(folder.relativize(guest) + "/an" + ImageStore.SUFFIX)) {
                Folders.removeIfEmpty(guest);
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
            for (Path file : list(guest)) {
                describe(file).ifPresent(image -> images.put(image.name(), image));
            }
        }
        return images;
    }

    private List<Path> guests() throws IOException {
        return list(folder).stream()
                .filter(guest -> !isHidden(guest) && Files.isDirectory(guest, LinkOption.NOFOLLOW_LINKS))
                .toList();
    }

    /** What is the store's own, or nobody's yet. */
    private static boolean isHidden(Path file) {
        return file.getFileName().toString().startsWith(".");
    }

    private static List<Path> list(Path of) throws IOException {
        try (Stream<Path> files = Files.list(of)) {
            return files.sorted().toList();
        }
    }

    private Optional<StoredImage> describe(Path file) {
        String name = folder.relativize(file).toString();
        if (!isName(name) || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try {
            Configuration configuration = Image.configurationOf(file);
            Optional<ImageFacts> facts = facts(name, file);
            return Optional.of(new StoredImage(
                    name,
                    file,
                    facts.flatMap(ImageFacts::guest)
                            .or(() -> GuestIdentity.uuidOfFolder(folderOf(name)))
                            .or(configuration::uuid),
                    Optional.of(configuration.machineType().name()),
                    begun(file),
                    Files.size(file),
                    StoredImage.State.COMPLETE,
                    facts));
        } catch (IOException | DateTimeParseException e) {
            LOG.warn("image of the store must be one: image={} reason=\"{}\"", name, e.getMessage());
            return Optional.empty();
        }
    }

    /**
     * What the sidecar has; where there is none, only when the file was written last. Empty where it cannot be read:
     * the image is nobody's then, and stays.
     */
    private static Optional<ImageFacts> facts(String name, Path file) throws IOException {
        try {
            Optional<byte[]> sidecar = Companions.readSidecar(file);
            return Optional.of(
                    sidecar.isPresent()
                            ? ImageFacts.parse(sidecar.get())
                            : ImageFacts.NONE.withCompleted(
                                    Files.getLastModifiedTime(file).toInstant()));
        } catch (ImageException e) {
            LOG.warn(
                    "image's sidecar must have its facts, the image stays: image={} reason=\"{}\"",
                    name,
                    e.getMessage());
            return Optional.empty();
        }
    }

    /** As its name says; where a client chose that, when its file was made. */
    private static Instant begun(Path file) throws IOException {
        Matcher form = IMAGE.matcher(file.getFileName().toString());
        return form.matches()
                ? ImageStore.TIME.parse(form.group(1), Instant::from)
                : Files.readAttributes(file, BasicFileAttributes.class)
                        .creationTime()
                        .toInstant();
    }
}
