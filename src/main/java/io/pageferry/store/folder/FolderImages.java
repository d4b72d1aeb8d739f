package io.pageferry.store.folder;

import io.pageferry.image.FileLock;
import io.pageferry.image.Folders;
import io.pageferry.image.SidecarFiles;
import io.pageferry.store.ImageQuery;
import io.pageferry.store.Retention;
import io.pageferry.store.StoreException;
import io.pageferry.store.StoredImage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * The complete images of a store's folder as they were when it was looked. Another process may have the store at the
 * same time, so that they come and go. Belongs to one thread.
 */
public final class FolderImages {
    private final Path folder;
    private final Map<String, StoredImage> images;

    private FolderImages(Path folder, Map<String, StoredImage> images) {
        this.folder = folder;
        this.images = images;
    }

    /**
     * Looks into a folder.
     *
     * @throws StoreException where it cannot be read
     */
    public static FolderImages in(Path folder) throws StoreException {
        return new FolderImages(folder, scan(folder));
    }

    static Map<String, StoredImage> scan(Path folder) throws StoreException {
        try {
            return new StoreFolder(folder).scan();
        } catch (StoreException e) {
            throw e;
        } catch (IOException e) {
            throw new StoreException("store must be readable: store=" + folder + " reason=\"" + e + "\"", e);
        }
    }

    /** All of them, by name. */
    public Collection<StoredImage> all() {
        return images.values();
    }

    /**
     * Finds one.
     *
     * @throws StoreException where there is none, or more than one guest could be meant
     */
    public StoredImage find(ImageQuery query) throws StoreException {
        return query.findIn(images);
    }

    /**
     * Finds one by its name, or all of a guest's.
     *
     * @throws StoreException where there is none, or more than one guest could be meant
     */
    public List<StoredImage> findAll(ImageQuery query) throws StoreException {
        return query.findAllIn(images);
    }

    /** What need not be kept, with the reason. */
    public Map<StoredImage, String> surplus(Retention retention, Instant now) {
        return retention.surplus(images.values(), now);
    }

    /** The file of one of them. */
    public Path fileOf(StoredImage image) {
        return folder.resolve(image.name());
    }

    /**
     * Removes one of them, with what belongs to it and the folder of its guest where nothing else is in that; nothing
     * where another process has done so.
     *
     * @throws StoreException where it cannot be removed, or somebody reads or writes it
     */
    public void remove(StoredImage image) throws StoreException {
        try {
            delete(fileOf(image));
            Folders.removeIfEmpty(fileOf(image).getParent());
        } catch (StoreException e) {
            throw e;
        } catch (IOException e) {
            throw new StoreException("image must be removable: image=" + image.name() + " reason=\"" + e + "\"", e);
        }
    }

    /** Removes an image that nobody has open. */
    static void delete(Path image) throws IOException {
        try (FileLock lock = FileLock.hold(image)) {
            if (lock == null) {
                throw new StoreException("image must not be removed while it is read, or its source waits for its"
                        + " answer: image=" + image);
            }
            SidecarFiles.deleteImage(image);
        } catch (FileNotFoundException e) {
            SidecarFiles.deleteImage(image); // what belongs to it may be left
        }
    }
}
