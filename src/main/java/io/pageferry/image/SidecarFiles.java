package io.pageferry.image;

import io.pageferry.checkpoint.CheckpointException;
import io.pageferry.checkpoint.CheckpointFacts;
import io.pageferry.checkpoint.WorkingSet;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The files beside an image that belong to it: {@code IMG.json}, a few facts, and {@code IMG.ws}, which may be large.
 * Stateless: any thread.
 *
 * <p>An image without its sidecar is a valid one, of which less is known; so there is none while its sidecar is not
 * yet, or no longer, there. A sidecar without its image is rubbish.
 */
public final class SidecarFiles {
    /** More than any sidecar has. */
    public static final int MAX_SIDECAR_BYTES = 64 << 10;

    public static final String SIDECAR_SUFFIX = ".json";

    private static final String WORKING_SET_SUFFIX = ".ws";

    private SidecarFiles() {}

    /** Where an image's facts are. */
    public static Path sidecar(Path image) {
        return image.resolveSibling(image.getFileName() + SIDECAR_SUFFIX);
    }

    /** Where an image's large companion is. */
    static Path workingSet(Path image) {
        return image.resolveSibling(image.getFileName() + WORKING_SET_SUFFIX);
    }

    static List<Path> of(Path image) {
        return List.of(sidecar(image), workingSet(image));
    }

    /**
     * Reads an image's facts.
     *
     * @return empty where it has none
     * @throws ImageException where they cannot be read, or are not valid
     */
    public static Optional<CheckpointFacts> readFacts(Path image) throws ImageException {
        Optional<byte[]> sidecar = readSidecar(image);
        try {
            return sidecar.isPresent() ? Optional.of(CheckpointFacts.parse(sidecar.get())) : Optional.empty();
        } catch (CheckpointException e) {
            throw new ImageException(e.getMessage(), e);
        }
    }

    /** {@linkplain #writeSidecar Writes} the facts of an image that is there. */
    public static void writeFacts(Path image, CheckpointFacts facts) throws IOException {
        writeSidecar(image, facts.toJson());
    }

    /**
     * Reads an image's sidecar.
     *
     * @return empty where it has none
     * @throws ImageException where they cannot be read, are no regular file (a link is none), or are longer than
     *     {@link #MAX_SIDECAR_BYTES}
     */
    static Optional<byte[]> readSidecar(Path image) throws ImageException {
        return read(sidecar(image), MAX_SIDECAR_BYTES);
    }

    /** The same of its large companion. */
    static Optional<byte[]> readWorkingSet(Path image) throws ImageException {
        return read(workingSet(image), WorkingSet.MAX_BYTES);
    }

    private static Optional<byte[]> read(Path sidecar, int maxBytes) throws ImageException {
        if (!Files.exists(sidecar, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        if (!Files.isRegularFile(sidecar, LinkOption.NOFOLLOW_LINKS)) {
            throw new ImageException("sidecar must be a regular file: sidecar=" + sidecar);
        }
        byte[] bytes;
        // Not a channel: an interrupt would close it.
        try (FileInputStream file = new FileInputStream(sidecar.toFile())) {
            bytes = file.readNBytes(maxBytes + 1);
        } catch (FileNotFoundException e) {
            if (!Files.exists(sidecar, LinkOption.NOFOLLOW_LINKS)) {
                return Optional.empty(); // removed meanwhile
            }
            throw new ImageException("sidecar must be readable: sidecar=" + sidecar, e);
        } catch (IOException e) {
            throw new ImageException("sidecar must be readable: sidecar=" + sidecar + " reason=\"" + e + "\"", e);
        }
        if (bytes.length > maxBytes) {
            throw new ImageException("sidecar must be small: sidecar=" + sidecar + " maxBytes=" + maxBytes);
        }
        return Optional.of(bytes);
    }

    /**
     * Writes the facts of an image that is there, in place of those that it has: whole or not at all, and on disk.
     *
     * <p>Only where nobody replaces the image at the same time.
     */
    static void writeSidecar(Path image, byte[] facts) throws IOException {
        requireSmall(facts);
        write(image, facts, sidecar(image));
    }

    /** The same for its large companion; of several that do it at once, the last one's stays. */
    static void writeWorkingSet(Path image, byte[] workingSet) throws IOException {
        write(image, workingSet, workingSet(image));
    }

    private static void write(Path image, byte[] content, Path sidecar) throws IOException {
        UnfinishedFiles files = UnfinishedFiles.of(image);
        try {
            FileOps.create(files.sidecarPart(), content);
            ImageAccess.copy(image, files.sidecarPart());
            FileOps.move(files.sidecarPart(), sidecar);
            Folders.force(image.toAbsolutePath().getParent());
        } catch (IOException e) {
            Files.deleteIfExists(files.sidecarPart());
            throw ImageException.of("sidecar must be put on disk", image, e);
        }
    }

    static void requireSmall(byte[] facts) {
        if (facts.length > MAX_SIDECAR_BYTES) {
            throw new IllegalArgumentException(
                    "sidecar must be small: bytes=" + facts.length + " maxBytes=" + MAX_SIDECAR_BYTES);
        }
    }

    /**
     * Removes an image, and then what belongs to it: never is the image there without. Where this ends half-way, a
     * sidecar without its image is left.
     *
     * @throws IOException where the image cannot be removed; all of it is still there
     */
    public static void deleteImage(Path image) throws IOException {
        Files.deleteIfExists(image);
        try {
            // After a loss of power, too, there must not be an image without.
            Folders.force(image.toAbsolutePath().getParent());
            Files.deleteIfExists(sidecar(image));
            Files.deleteIfExists(workingSet(image));
        } catch (IOException e) {
            // The image is gone. What is left is rubbish, and removed by who looks into the folder next.
        }
    }
}
