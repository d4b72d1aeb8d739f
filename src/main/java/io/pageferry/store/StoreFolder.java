package io.pageferry.store;

import io.pageferry.image.Image;
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
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What lies in a store's folder when it is opened. */
record StoreFolder(Path folder) {
    static final String UNKNOWN = "unknown";

    private static final Logger LOG = LoggerFactory.getLogger(StoreFolder.class);

    /** What an image may be called: one folder of the store's own, no hidden files, short enough for the partial file's name. */
    private static final Pattern NAME = Pattern.compile("\\w[\\w.-]{0,127}/\\w[\\w.-]{0,127}\\.img");

    /** What the store calls an image. */
    private static final Pattern IMAGE = Pattern.compile("(\\d{8}T\\d{6}\\.\\d{3}Z)(-\\d+)?\\.img");

    static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    /** Whether the store chose the name, not a client. */
    static boolean isOwnName(String name) {
        return IMAGE.matcher(name.substring(name.indexOf('/') + 1)).matches();
    }

    static String guestOf(String name) {
        return name.substring(0, name.indexOf('/'));
    }

    /** Finds the complete images, by name, and removes partial ones. What else there is, is left alone. */
    Map<String, StoredImage> scan() throws IOException {
        Map<String, StoredImage> images = new TreeMap<>();
        int removed = 0;
        for (Path guest : list(folder)) {
            if (isHidden(guest) || !Files.isDirectory(guest, LinkOption.NOFOLLOW_LINKS)) {
                continue;
            }
            for (Path partial : Leftovers.removeAll(guest, ImageStore.SUFFIX)) {
                removed++;
                LOG.info("partial image removed: image={}", folder.relativize(partial));
            }
            for (Path file : list(guest)) {
                describe(file).ifPresent(image -> images.put(image.name(), image));
            }
        }
        LOG.info("store opened: store={} images={} partialImagesRemoved={}", folder, images.size(), removed);
        return images;
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
            return Optional.of(new StoredImage(
                    name,
                    file,
                    uuid(guestOf(name)).or(configuration::uuid),
                    Optional.of(configuration.machineType().name()),
                    begun(file),
                    Files.size(file),
                    StoredImage.State.COMPLETE));
        } catch (IOException | DateTimeParseException e) {
            LOG.warn("image of the store must be one: image={} reason=\"{}\"", name, e.getMessage());
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

    static Optional<UUID> uuid(String text) {
        try {
            return Optional.of(UUID.fromString(text))
                    .filter(uuid -> uuid.toString().equalsIgnoreCase(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
