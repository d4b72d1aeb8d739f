package io.pageferry.store.folder;

import io.pageferry.checkpoint.Checkpoint;
import io.pageferry.checkpoint.CheckpointFacts;
import io.pageferry.checkpoint.CheckpointWriter;
import io.pageferry.checkpoint.SpaceReservation;
import io.pageferry.config.MigrationParameters;
import io.pageferry.image.FileLock;
import io.pageferry.image.Folders;
import io.pageferry.image.Image;
import io.pageferry.image.ImageAccess;
import io.pageferry.image.ImageException;
import io.pageferry.image.ImageWriter;
import io.pageferry.image.SidecarFiles;
import io.pageferry.memory.BufferPool;
import io.pageferry.memory.RamLayout;
import io.pageferry.store.Adoption;
import io.pageferry.store.ImageStore;
import io.pageferry.store.Retention;
import io.pageferry.store.StoreBackend;
import io.pageferry.store.StoreException;
import io.pageferry.store.StoredImage;
import io.pageferry.supervision.Closeables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Images in a folder that no other server has. For any thread. */
public final class FolderStore implements StoreBackend {
    private static final String LOCK_FILE = ".lock";

    /** Of the store's own files, beside the images. */
    public static final String OWN_FOLDER = ".pageferry";

    private final Path folder;
    private final FileLock lock; // null beside another process
    private final GuestFolders folders;
    private final CompletionOrder order;

    private FolderStore(Path folder, FileLock lock, ImageAccess access, CompletionOrder order) {
        this.folder = folder;
        this.lock = lock;
        this.folders = new GuestFolders(access);
        this.order = order;
    }

    /** One with nothing to adopt, and images that their owner alone may read. */
    public static ImageStore open(Path folder, Retention retention, long keepFreeBytes, Clock clock)
            throws StoreException {
        return open(folder, retention, keepFreeBytes, clock, List.of(), ImageAccess.OWNER);
    }

    /**
     * Takes a folder, which is made where there is none, and removes what a process that died has left half done.
     *
     * @param keepFreeBytes what must be left on its disk
     * @param adoptions images that get another owner before anything else
     * @param access who may read what is new
     * @throws StoreException where another process has it, or it cannot be written
     */
    public static ImageStore open(
            Path folder,
            Retention retention,
            long keepFreeBytes,
            Clock clock,
            List<Adoption> adoptions,
            ImageAccess access)
            throws StoreException {
        FileLock lock = null;
        try {
            Folders.makeAll(folder, access);
            ImageAccess.createWhereMissing(folder.resolve(LOCK_FILE));
            lock = FileLock.hold(folder.resolve(LOCK_FILE));
            if (lock == null) {
                throw new StoreException("store must be of one process: store=" + folder);
            }
            // The group can do nothing with it, but so it is known now whether files can be given to that.
            access.giveToGroup(folder.resolve(LOCK_FILE));
            Path absolute = folder.toAbsolutePath();
            Map<String, StoredImage> images = new StoreFolder(absolute).open();
            FolderStore backend = new FolderStore(absolute, lock, access, openOrder(absolute, images));
            return ImageStore.over(backend, images, retention, keepFreeBytes, clock, adoptions);
        } catch (IOException e) {
            Closeables.closeQuietly(lock);
            throw switch (e) {
                case StoreException known -> known;
                case ImageException known -> new StoreException(known.getMessage() + " store=" + folder, known);
                default -> unwritable(folder, e);
            };
        } catch (RuntimeException | Error e) {
            Closeables.closeQuietly(lock);
            throw e;
        }
    }

    /**
     * Files one guest in a folder, which is made where there is none, and may be another process's store meanwhile:
     * nothing that is there is removed, and that process finds the image when it looks for it.
     *
     * @param access who may read what is new
     * @throws StoreException where it cannot be written
     */
    public static ImageStore join(Path folder, Clock clock, ImageAccess access) throws StoreException {
        try {
            Folders.makeAll(folder, access);
            Path absolute = folder.toAbsolutePath();
            Map<String, StoredImage> images = new TreeMap<>();
            FolderStore backend = new FolderStore(absolute, null, access, openOrder(absolute, images));
            return ImageStore.over(backend, images, Retention.ALL, 0, clock, List.of());
        } catch (StoreException e) {
            throw e;
        } catch (IOException e) {
            throw unwritable(folder, e);
        }
    }

    private static StoreException unwritable(Path folder, IOException reason) {
        return new StoreException(
                "store must be a folder that can be written: store=" + folder + " reason=\"" + reason + "\"", reason);
    }

    private static CompletionOrder openOrder(Path folder, Map<String, StoredImage> images) throws IOException {
        Path own = folder.resolve(OWN_FOLDER);
        Folders.make(own, ImageAccess.OWNER);
        if (!Files.isDirectory(own, LinkOption.NOFOLLOW_LINKS)) {
            throw new StoreException("store's own folder must be in the store, and no link: folder=" + own);
        }
        return CompletionOrder.open(
                own,
                images.values().stream().mapToLong(StoredImage::order).max().orElse(0));
    }

    @Override
    public String location() {
        return folder.toString();
    }

    @Override
    public String locationOf(String name) {
        return pathOf(name).toString();
    }

    private Path pathOf(String name) {
        return folder.resolve(name);
    }

    @Override
    public long freeBytes() throws IOException {
        // A FileStore would want to know where it is mounted, which is not to be seen in a chroot.
        long bytes = folder.toFile().getUsableSpace();
        if (bytes == 0 && !Files.isDirectory(folder)) {
            throw new NotDirectoryException(folder.toString());
        }
        return bytes;
    }

    @Override
    public long maxBytes(RamLayout ram) {
        return ImageWriter.mostBytes(ram);
    }

    @Override
    public long bytesOf(String name) {
        return pathOf(name).toFile().length();
    }

    @Override
    public boolean isTaken(String name) {
        return Files.exists(pathOf(name), LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public void requireOwn(String name) throws StoreException {
        Path parent = pathOf(name).getParent();
        if (Files.exists(parent, LinkOption.NOFOLLOW_LINKS) && !Files.isDirectory(parent, LinkOption.NOFOLLOW_LINKS)) {
            throw new StoreException("image must be in a folder of the store's own: image=" + name);
        }
    }

    @Override
    public CheckpointWriter begin(
            String name, MigrationParameters parameters, BufferPool buffers, SpaceReservation reservation)
            throws IOException {
        return folders.begin(pathOf(name), buffers, parameters.directIo(), reservation);
    }

    @Override
    public void vacate(String name) {
        folders.removeIfEmpty(pathOf(name).getParent());
    }

    @Override
    public Checkpoint open(StoredImage image, MigrationParameters parameters) throws IOException {
        return Image.open(pathOf(image.name()), 0, parameters.maxRam(), parameters.directIo());
    }

    @Override
    public void writeFacts(StoredImage image, CheckpointFacts facts) throws IOException {
        SidecarFiles.writeFacts(pathOf(image.name()), facts);
    }

    @Override
    public Map<String, StoredImage> scan() throws StoreException {
        return FolderImages.scan(folder);
    }

    @Override
    public void remove(StoredImage image) throws IOException {
        FolderImages.delete(pathOf(image.name()));
    }

    @Override
    public long nextOrder() throws IOException {
        return order.next();
    }

    @Override
    public void close() {
        Closeables.closeQuietly(lock);
    }
}
