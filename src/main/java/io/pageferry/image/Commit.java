package io.pageferry.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * Gives an image that is whole and on disk its name, and its sidecar before that; or puts back what was there. By one
 * thread, once.
 *
 * <ol>
 *   <li>The sidecar is written under a name of its own, and forced to disk.
 *   <li>The image that is there already, and its sidecar, get second names.
 *   <li>The sidecar gets its name, or the old one goes where there is no new one; the folder is forced to disk.
 *   <li>The image gets its name; the folder is forced to disk. From here on the new image is the one that there is.
 *   <li>The old one goes for good.
 * </ol>
 *
 * <p>Where one of these fails all is taken back at once. Where the process is gone between two of them,
 * {@link Leftovers} does that, or the rest.
 */
class Commit {
    private final UnfinishedFiles files;
    private final Path target;
    private final Path folder;
    private final Path sidecar;
    private boolean replaces;
    private boolean oldImageKept;
    /** What the new image is to the file system; null before it may have its name. */
    private Object identity;

    Commit(UnfinishedFiles files) {
        this.files = files;
        this.target = files.target();
        this.folder = target.getParent();
        this.sidecar = SidecarFiles.sidecar(target);
    }

    /**
     * Does it.
     *
     * @param facts what the sidecar has; nothing where there shall be none
     * @param locks whether the file system knows locks, so that somebody else may be waited for
     */
    void run(byte[] facts, boolean locks) throws IOException {
        try (CommitTurn _ = locks ? takeTurn() : null) {
            run(facts);
        }
    }

    /** Whoever died while it had it has left what must be put right before anything else. */
    private CommitTurn takeTurn() throws IOException {
        CommitTurn turn;
        try {
            turn = CommitTurn.take(target, files.part());
        } catch (ImageException e) {
            Files.deleteIfExists(files.part());
            throw e;
        } catch (IOException e) {
            Files.deleteIfExists(files.part());
            throw ImageException.of("image must be put on disk", target, e);
        }
        try {
            Leftovers.removeDead(target);
        } catch (IOException e) {
            // What could not be put right stays; it says by itself that this image is another one.
        }
        return turn;
    }

    private void run(byte[] facts) throws IOException {
        try {
            if (facts.length > 0) {
                FileOps.create(files.sidecarPart(), facts);
                ImageAccess.copy(files.part(), files.sidecarPart());
            }
            keepOld(facts.length > 0);
            replaceSidecar(facts.length > 0);
            identity = FileOps.identity(files.part());
            FileOps.move(files.part(), target);
            forceNames();
        } catch (IOException e) {
            takeBack(e, ImageException.reason(e));
            throw ImageException.of("image must be put on disk", target, e);
        } catch (RuntimeException | Error e) {
            // Out of memory, say: its source is told that its guest is not here.
            takeBack(e, e.toString());
            throw e;
        }
        try {
            files.removeOld();
        } catch (IOException e) {
            // The new image is there, and that is what counts: who looks into the folder next removes these.
        }
    }

    void forceNames() throws IOException {
        Folders.force(folder);
    }

    private void keepOld(boolean hasSidecar) throws IOException {
        replaces = exists(target);
        if (!replaces) {
            return;
        }
        boolean hadSidecar = exists(sidecar);
        if (hadSidecar) {
            FileOps.linkOrCopy(sidecar, files.oldSidecar());
        }
        oldImageKept = files.keepOldImage();
        if (hasSidecar || hadSidecar) {
            Folders.force(folder); // before the sidecar is another one
        }
    }

    private void replaceSidecar(boolean hasSidecar) throws IOException {
        // What goes with an old image and is not the new one's. Nothing is lost with it but time.
        Files.deleteIfExists(SidecarFiles.workingSet(target));
        if (hasSidecar) {
            FileOps.move(files.sidecarPart(), sidecar);
            Folders.force(folder);
        } else if (Files.deleteIfExists(sidecar)) {
            Folders.force(folder);
        }
    }

    private void takeBack(Throwable failure, String reason) throws ImageException {
        boolean named = identity != null; // until it is known that it is not
        try {
            named = named && identity.equals(FileOps.identity(target));
            if (named) {
                takeNameBack();
            }
            if (exists(files.part())) {
                files.rollBack();
            }
            if (named) {
                forceNames();
            }
        } catch (IOException | RuntimeException | Error e) {
            if (e != failure) {
                failure.addSuppressed(e);
            }
            if (named) {
                // Nobody can say whether the new image is there now, or will be after a loss of power.
                throw new ImageException(
                        "image must be put on disk or be taken back, and may be either: image=" + target + " reason=\""
                                + reason + "\" thenReason=\""
                                + (e instanceof IOException known ? ImageException.reason(known) : e) + "\"",
                        failure);
            }
        }
    }

    private void takeNameBack() throws IOException {
        if (!replaces) {
            FileOps.move(target, files.part());
        } else if (oldImageKept) {
            Files.createLink(files.part(), target);
        } else {
            files.removeOld();
            throw new IOException("the old image could not be kept");
        }
    }

    private static boolean exists(Path file) {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    }
}
