package io.pageferry.image;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a process that died has left of images that it was writing. It is known by its lock, which is gone with the
 * process, and never by age: what is being written, here or by another process, stays. Stateless: any thread.
 */
public final class Leftovers {
    /** How versions that had no locks called an image that they were writing. */
    private static final Pattern WITHOUT_LOCK = Pattern.compile("\\..+\\.[0-9a-f]{8}\\.part");

    private Leftovers() {}

    /**
     * Removes what is left of images under one name.
     *
     * @return how many there were
     */
    public static int remove(Path image) throws IOException {
        Path absolute = image.toAbsolutePath();
        if (UnfinishedFiles.of(absolute.getParent(), absolute.getFileName() + ".")
                        .isEmpty()
                && !CommitTurn.isMarked(absolute)) {
            return 0;
        }
        try (CommitTurn turn = CommitTurn.tryTake(absolute)) {
            return turn == null ? 0 : removeDead(absolute);
        }
    }

    /** The same by who has the {@link CommitTurn}. */
    static int removeDead(Path image) throws IOException {
        int removed = 0;
        for (UnfinishedFiles files : UnfinishedFiles.of(image.getParent(), image.getFileName() + ".")) {
            if (files.target().equals(image) && removeDead(files)) {
                removed++;
            }
        }
        return removed;
    }

    /**
     * Removes what is left in a folder that nobody else uses, also of versions that had no locks; and sidecars and the
     * like whose images are gone.
     *
     * @param suffix how the names of images end there: {@code .img}
     * @return the names of what was unfinished
     */
    public static List<Path> removeAll(Path folder, String suffix) throws IOException {
        List<Path> removed = new ArrayList<>();
        for (UnfinishedFiles files : UnfinishedFiles.of(folder, "")) {
            if (files.target().getFileName().toString().endsWith(suffix)) {
                try (CommitTurn turn = CommitTurn.tryTake(files.target())) {
                    if (turn != null && removeDead(files)) {
                        removed.add(files.part());
                    }
                }
            }
        }
        for (Path file : list(folder)) {
            String name = file.getFileName().toString();
            if (WITHOUT_LOCK.matcher(name).matches() && name.contains(suffix + ".")) {
                Files.deleteIfExists(file);
                removed.add(file);
            } else if (name.startsWith(".") && name.endsWith(suffix + CommitTurn.SUFFIX)) {
                removeTurn(file, name.substring(1, name.length() - CommitTurn.SUFFIX.length()));
            } else if (isWithoutImage(file, suffix)) {
                Files.deleteIfExists(file);
            }
        }
        return removed;
    }

    /** To take it removes it in the end. */
    private static void removeTurn(Path file, String image) throws IOException {
        try (CommitTurn _ = CommitTurn.tryTake(file.resolveSibling(image))) {
            // Nobody had it.
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .sorted()
                    .toList();
        }
    }

    private static boolean isWithoutImage(Path file, String suffix) {
        String name = file.getFileName().toString();
        int end = name.lastIndexOf('.');
        if (end < 0 || name.startsWith(".") || !name.substring(0, end).endsWith(suffix)) {
            return false;
        }
        Path image = file.resolveSibling(name.substring(0, end));
        return SidecarFiles.of(image).contains(file) && !Files.exists(image, LinkOption.NOFOLLOW_LINKS);
    }

    /** False where somebody still writes it. */
    private static boolean removeDead(UnfinishedFiles files) throws IOException {
        try (FileLock lock = FileLock.probe(files.part())) {
            if (lock == null) {
                return false;
            }
            // Whoever had the lock until now may have finished.
            if (Files.exists(files.part(), LinkOption.NOFOLLOW_LINKS)) {
                files.rollBack();
                return true;
            }
        } catch (FileNotFoundException e) {
            if (Files.exists(files.part(), LinkOption.NOFOLLOW_LINKS)) {
                return false; // somebody else's
            }
        }
        return removeRest(files);
    }

    /** The image has its name, or is gone. Its writer may still be about to remove what is left. */
    private static boolean removeRest(UnfinishedFiles files) throws IOException {
        if (Files.exists(files.target()) && !Files.isRegularFile(files.target())) {
            return false; // no image
        }
        try (FileLock lock = FileLock.probe(files.target())) {
            if (lock == null) {
                return false;
            }
        } catch (FileNotFoundException e) {
            if (Files.exists(files.target())) {
                return false; // whose it is cannot be told
            }
        }
        files.removeOld();
        Files.deleteIfExists(files.sidecarPart());
        return true;
    }
}
