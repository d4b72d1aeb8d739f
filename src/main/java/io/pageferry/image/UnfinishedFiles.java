package io.pageferry.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What lies beside an image while it is written, all under names that begin with a dot:
 *
 * <pre>
 *   .IMG.ID.part        the image. Its writer has a lock on it as long as it lives
 *   .IMG.ID.json.part   its sidecar; also the old one, when that is put back
 *   .IMG.ID.json.old    the sidecar of the image that is about to be replaced
 *   .IMG.ID.old         that image. It is made after its sidecar's, and goes before it
 * </pre>
 *
 * @param target the image's path
 * @param id 16 hexadecimal digits, another for each image that is begun
 */
record UnfinishedFiles(Path target, String id) {
    private static final int MAX_NOTE_BYTES = 1024;

    private static final Pattern NAME = Pattern.compile("\\.(.+)\\.([0-9a-f]{16})\\.(part|json\\.part|json\\.old|old)");

    /** Names for an image that begins. */
    static UnfinishedFiles of(Path target) {
        String digits = UUID.randomUUID().toString().replace("-", "");
        return new UnfinishedFiles(target, digits.substring(digits.length() - 16));
    }

    /** What such a file belongs to, where its name is of this form exactly. */
    private static Optional<UnfinishedFiles> withFile(Path file) {
        Matcher name = NAME.matcher(file.getFileName().toString());
        return name.matches()
                ? Optional.of(new UnfinishedFiles(file.resolveSibling(name.group(1)), name.group(2)))
                : Optional.empty();
    }

    /**
     * All that have a file in a folder.
     *
     * @param prefix how the names of their images begin
     */
    static Set<UnfinishedFiles> of(Path folder, String prefix) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            Set<UnfinishedFiles> found = new LinkedHashSet<>();
            files.filter(file -> file.getFileName().toString().startsWith("." + prefix))
                    .sorted()
                    .map(UnfinishedFiles::withFile)
                    .flatMap(Optional::stream)
                    .filter(UnfinishedFiles::areFiles)
                    .forEach(found::add);
            return found;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Nobody wrote what is no regular file: to open a FIFO would wait for ever. */
    private boolean areFiles() {
        return Stream.of(part(), sidecarPart(), oldSidecar(), oldImage())
                .allMatch(path -> !exists(path) || Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS));
    }

    Path part() {
        return named(".part");
    }

    Path sidecarPart() {
        return named(".json.part");
    }

    Path oldSidecar() {
        return named(".json.old");
    }

    Path oldImage() {
        return named(".old");
    }

    private Path named(String suffix) {
        return target.resolveSibling("." + target.getFileName() + "." + id + suffix);
    }

    /**
     * Puts things back as they were before the image came. Where this ends half-way, and be it by the process's end, it
     * can be done once more. By who has the {@link CommitTurn}.
     */
    void rollBack() throws IOException {
        boolean replacing = exists(oldImage());
        boolean named = replacing && exists(target) && Files.isSameFile(part(), target);
        if (!exists(target)) {
            putSidecarBack(false);
        } else if (replacing && (named || isOldImage(target))) {
            putSidecarBack(exists(oldSidecar()));
        }
        if (named) {
            FileOps.move(oldImage(), target);
        }
        // In this order: without the old sidecar, the old image would be taken for one that had none.
        removeOld();
        Files.deleteIfExists(sidecarPart());
        Files.deleteIfExists(part());
    }

    /**
     * Gives the image that is there a second name. False where it cannot have one; then it is only noted which one it
     * is.
     */
    boolean keepOldImage() throws IOException {
        if (FileOps.link(target, oldImage())) {
            return true;
        }
        FileOps.create(oldImage(), note(target));
        return false;
    }

    /** Not so where somebody else has put another image there since. */
    private boolean isOldImage(Path image) throws IOException {
        return Files.isSameFile(image, oldImage())
                || (Files.size(oldImage()) < MAX_NOTE_BYTES
                        && Arrays.equals(Files.readAllBytes(oldImage()), note(image)));
    }

    private static byte[] note(Path image) throws IOException {
        return FileOps.identity(image).toString().getBytes(StandardCharsets.US_ASCII);
    }

    private void putSidecarBack(boolean thereWasOne) throws IOException {
        Path sidecar = SidecarFiles.sidecar(target);
        if (thereWasOne) {
            Files.deleteIfExists(sidecarPart());
            FileOps.linkOrCopy(oldSidecar(), sidecarPart());
            FileOps.move(sidecarPart(), sidecar);
        } else {
            Files.deleteIfExists(sidecar);
        }
    }

    /** Lets go of the image that was replaced. */
    void removeOld() throws IOException {
        Files.deleteIfExists(oldImage());
        Files.deleteIfExists(oldSidecar());
    }

    private static boolean exists(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }
}
