package io.pageferry.store.folder;

import io.pageferry.checkpoint.CheckpointWriter;
import io.pageferry.checkpoint.SpaceReservation;
import io.pageferry.image.Folders;
import io.pageferry.image.ImageAccess;
import io.pageferry.image.PendingImage;
import io.pageferry.memory.BufferPool;
import io.pageferry.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folders of a store's guests: each is there as long as an image is in it, or what somebody else has put there. For
 * any thread.
 */
final class GuestFolders {
    private static final Logger LOG = LoggerFactory.getLogger(GuestFolders.class);

    /** Nobody removes so many images at once. */
    private static final int ATTEMPTS = 3;

    private final ImageAccess access;

    /**
     * Held from before a folder is made until something is in it: nobody else may take it for an empty one meanwhile.
     */
    private final Object making = new Object();

    GuestFolders(ImageAccess access) {
        this.access = access;
    }

    /**
     * Begins an image, in a folder that is made where there is none, and is on disk before: an image would be lost with
     * it.
     *
     * @param reservation on disk, for what is written
     */
    CheckpointWriter begin(Path image, BufferPool buffers, boolean directIo, SpaceReservation reservation)
            throws IOException {
        synchronized (making) {
            Path folder = image.getParent();
            for (int attempt = 1; ; attempt++) {
                try {
                    return beginIn(folder, image, buffers, directIo, reservation);
                } catch (IOException e) {
                    // Another process may have removed the guest's last image, and the folder with it.
                    if (attempt == ATTEMPTS || Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
                        throw e;
                    }
                }
            }
        }
    }

    private CheckpointWriter beginIn(
            Path folder, Path image, BufferPool buffers, boolean directIo, SpaceReservation reservation)
            throws IOException {
        Folders.make(folder, access);
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            // Through a link it would be found by nobody who looks into the store later.
            throw new StoreException("image must be in a folder of the store's own: image=" + image);
        }
        try {
            return PendingImage.create(image, 0, buffers, directIo, access, reservation);
        } catch (IOException e) {
            Folders.removeIfEmpty(folder);
            throw e;
        }
    }

    /** An image has gone that was in a folder, or was to be. */
    void removeIfEmpty(Path folder) {
        synchronized (making) {
            try {
                Folders.removeIfEmpty(folder);
            } catch (IOException e) {
                LOG.warn("empty folder must be removable: folder={} reason=\"{}\"", folder, e.toString());
            }
        }
    }
}
