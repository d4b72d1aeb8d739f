package io.pageferry.store;

import io.pageferry.config.MigrationParameters;
import io.pageferry.image.Companions;
import io.pageferry.image.FileLock;
import io.pageferry.image.Folders;
import io.pageferry.image.ImageAccess;
import io.pageferry.image.ImageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A folder of images of this process's own. For any thread. */
public final class ImageStore implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ImageStore.class);
    private static final String LOCK_FILE = ".lock";
    private static final String OWN_FOLDER = ".pageferry";

    /**
     * Images of one guest are completed one after the other; guests that share a lock by chance wait for each other.
     */
    private static final int COMPLETION_LOCKS = 64;

    static final String SUFFIX = ".img";
    static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

    private final Path folder;
    private final Retention retention;
    private final Reservations reservations;
    private final Clock clock;
    private final FileLock lock;
    private final CompletionOrder order;
    private final Object[] completionLocks;
    private final GuestFolders folders;

    // All guarded by this.
    private final NavigableMap<String, StoredImage> images = new TreeMap<>();
    private final Set<StoreDestination> writing = new LinkedHashSet<>();
    private final Map<String, Integer> lent = new HashMap<>();
    private final Set<String> removing = new HashSet<>();

    private ImageStore(
            Path folder,
            Retention retention,
            long keepFreeBytes,
            Clock clock,
            FileLock lock,
            Map<String, StoredImage> images,
            ImageAccess access)
            throws IOException {
        this.folder = folder;
        this.retention = retention;
        this.reservations = new Reservations(folder, keepFreeBytes);
        this.clock = clock;
        this.lock = lock;
        this.folders = new GuestFolders(access);
        this.images.putAll(images);
        Path own = folder.resolve(OWN_FOLDER);
        Folders.make(own, ImageAccess.OWNER);
        if (!Files.isDirectory(own, LinkOption.NOFOLLOW_LINKS)) {
            throw new StoreException("store's own folder must be in the store, and no link: folder=" + own);
        }
        this.order = CompletionOrder.open(
                own,
                images.values().stream().mapToLong(StoredImage::order).max().orElse(0));
        this.completionLocks = new Object[COMPLETION_LOCKS];
        Arrays.setAll(completionLocks, _ -> new Object());
    }

    /**
     * Finds an image in a folder that may be another process's store: it may be removed at any time.
     *
     * @throws StoreException where the folder cannot be read, there is no such image, or more than one guest could be
     *     meant
     */
    public static StoredImage find(Path folder, ImageQuery query) throws StoreException {
        try {
            return query.findIn(new StoreFolder(folder).scan());
        } catch (IOException e) {
            throw e instanceof StoreException known
                    ? known
                    : new StoreException("store must be readable: store=" + folder + " reason=\"" + e + "\"", e);
        }
    }

    /** The same with nothing to adopt, and images that their owner alone may read. */
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
            for (Adoption adoption : adoptions) {
                adoption.apply(images);
            }
            ImageStore store = new ImageStore(absolute, retention, keepFreeBytes, clock, lock, images, access);
            store.retain();
            return store;
        } catch (IOException e) {
            closeQuietly(lock);
            throw switch (e) {
                case StoreException known -> known;
                case ImageException known -> new StoreException(known.getMessage() + " store=" + folder, known);
                default ->
                    new StoreException(
                            "store must be a folder that can be written: store=" + folder + " reason=\"" + e + "\"", e);
            };
        }
    }

    private static void closeQuietly(FileLock lock) {
        try {
            if (lock != null) {
                lock.close();
            }
        } catch (IOException e) {
            // The lock is gone either way.
        }
    }

    Reservations reservations() {
        return reservations;
    }

    public Path folder() {
        return folder;
    }

    /** All images, those that are being written too, by name. */
    public synchronized List<StoredImage> list() {
        Map<String, StoredImage> all = new TreeMap<>(images);
        writing.forEach(one -> all.putIfAbsent(one.name(), one.describe()));
        return List.copyOf(all.values());
    }

    /**
     * The same, some at a time: what it takes goes by how many are asked for, not by how many there are.
     *
     * @param after only those behind this name, which need not be there any more; empty: from the first one on
     * @param limit how many at the most, 1 at least
     */
    public synchronized List<StoredImage> list(String after, int limit) {
        NavigableMap<String, StoredImage> some = new TreeMap<>();
        for (StoredImage image : images.tailMap(after, false).values()) {
            if (some.size() == limit) {
                break;
            }
            some.put(image.name(), image);
        }
        for (StoreDestination one : writing) {
            if (one.name().compareTo(after) > 0) {
                some.putIfAbsent(one.name(), one.describe());
            }
        }
        while (some.size() > limit) {
            some.pollLastEntry();
        }
        return List.copyOf(some.values());
    }

    /** How many there are, those that are being written too. */
    public synchronized int count() {
        long unfinished =
                writing.stream().filter(one -> !images.containsKey(one.name())).count();
        return images.size() + Math.toIntExact(unfinished);
    }

    /** A complete image. */
    public synchronized Optional<StoredImage> find(String name) {
        return Optional.ofNullable(images.get(name));
    }

    /**
     * Has an image stay as long as somebody reads it.
     *
     * @throws StoreException where there is no such image, or more than one guest could be meant
     */
    public synchronized Loan lend(ImageQuery query) throws StoreException {
        StoredImage image = query.findIn(images);
        lent.merge(image.name(), 1, Integer::sum);
        return new Loan(this, image);
    }

    void takeBack(String name) {
        synchronized (this) {
            lent.merge(name, -1, (count, less) -> count + less == 0 ? null : count + less);
        }
        retain();
    }

    /**
     * A place for a guest that begins to come.
     *
     * @param owner who sends it, where that is known already
     */
    public synchronized StoreDestination receive(
            Optional<UUID> guest, Optional<String> owner, MigrationParameters parameters) {
        Instant now = clock.instant();
        return begin(placeFor(new GuestIdentity(guest, owner), now), now, parameters);
    }

    /**
     * The same under a name of the caller's choice, {@code FOLDER/NAME.img}. Where the folder is a uuid, that guest
     * alone is meant.
     *
     * @throws StoreException where the name is no such one, is taken already, or is another guest's
     */
    public synchronized StoreDestination receive(String name, Optional<UUID> guest, MigrationParameters parameters)
            throws StoreException {
        if (!StoreFolder.isNameForClients(name)) {
            throw new StoreException(
                    "image must be named FOLDER/NAME.img, with letters, digits, '_', '-' and '.': image=" + name);
        }
        Optional<UUID> meant = GuestIdentity.uuidOfFolder(StoreFolder.folderOf(name));
        if (guest.isPresent() && meant.isPresent() && !guest.equals(meant)) {
            throw new StoreException(
                    "image must be in a folder of its guest's: image=" + name + " uuid=" + guest.get());
        }
        Path path = folder.resolve(name);
        Path parent = path.getParent();
        if (Files.exists(parent, LinkOption.NOFOLLOW_LINKS) && !Files.isDirectory(parent, LinkOption.NOFOLLOW_LINKS)) {
            throw new StoreException("image must be in a folder of the store's own: image=" + name);
        }
        if (isTaken(name) || Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new StoreException("image must be new to the store: image=" + name);
        }
        return begin(
                new StoreDestination.Place(
                        name, path, new GuestIdentity(guest.or(() -> meant), Optional.empty()), true),
                clock.instant(),
                parameters);
    }

    private StoreDestination begin(StoreDestination.Place place, Instant now, MigrationParameters parameters) {
        StoreDestination destination = new StoreDestination(this, place, now, parameters);
        writing.add(destination);
        return destination;
    }

    private StoreDestination.Place placeFor(GuestIdentity guest, Instant begun) {
        String base = guest.folder() + "/" + TIME.format(begun);
        String name = base + SUFFIX;
        // A file that is no image, as far as this version knows, is not ours to replace.
        for (int i = 2; isTaken(name) || Files.exists(folder.resolve(name), LinkOption.NOFOLLOW_LINKS); i++) {
            name = base + "-" + i + SUFFIX;
        }
        return new StoreDestination.Place(name, folder.resolve(name), guest, false);
    }

    /** Gives a guest its place that was not known, or not all of it, when it began to come. */
    synchronized void file(StoreDestination destination, GuestIdentity guest) {
        StoreDestination.Place place = destination.place();
        destination.moveTo(
                place.named()
                        ? new StoreDestination.Place(place.name(), place.path(), guest, true)
                        : placeFor(guest, destination.begun()));
    }

    private boolean isTaken(String name) {
        return images.containsKey(name) || removing.contains(name) || isWriting(name);
    }

    private boolean isWriting(String name) {
        return writing.stream().anyMatch(one -> one.name().equals(name));
    }

    GuestFolders folders() {
        return folders;
    }

    /**
     * Puts an image of a guest's into its place among all. One at a time of each guest: their order is that in which
     * they get their names, so that the one whose source was told last is the newest.
     */
    void complete(GuestIdentity guest, Completion completion) throws IOException {
        synchronized (completionLocks[Math.floorMod(guest.hashCode(), COMPLETION_LOCKS)]) {
            StoredImage image = completion.complete(order.next(), clock.instant());
            synchronized (this) {
                images.put(image.name(), image);
            }
        }
    }

    /** Gives an image its name, with facts that say which one it was and when. */
    interface Completion {
        StoredImage complete(long order, Instant now) throws IOException;
    }

    /** Nobody waits for this any more: if there was a source, it has its answer. */
    void ended(StoreDestination destination) {
        synchronized (this) {
            writing.remove(destination);
        }
        folders.removeIfEmpty(destination.path().getParent());
        retain();
    }

    /**
     * Removes images that are too many or too old, and that nobody reads. What got its name from a client is the
     * client's, and stays.
     */
    public void retain() {
        // Out of the lock: to remove a large file takes seconds.
        takeSurplus().forEach((image, reason) -> remove(image, reason));
    }

    /** From now on these are not there any more; with the reason. */
    private synchronized Map<StoredImage, String> takeSurplus() {
        Map<StoredImage, String> surplus = retention.surplus(images.values(), clock.instant());
        surplus.keySet().removeIf(image -> lent.containsKey(image.name()));
        // Nor those whose sources may not have been told yet that they are safe: an image that came later may be
        // faster.
        surplus.keySet().removeIf(image -> isWriting(image.name()));
        for (StoredImage image : surplus.keySet()) {
            images.remove(image.name());
            removing.add(image.name());
        }
        return surplus;
    }

    /**
     * Removes a complete image because an operator says so, whatever it is.
     *
     * @throws StoreException where there is none of that name, its source may not know yet that it is complete,
     *     somebody reads it, or it cannot be removed
     */
    public void remove(String name) throws StoreException {
        StoredImage image;
        synchronized (this) {
            image = images.get(name);
            if (image == null) {
                throw new StoreException("image must be a complete one of the store: image=" + name);
            }
            if (lent.containsKey(name)) {
                throw new StoreException("image must not be removed while it is sent: image=" + name);
            }
            if (isWriting(name)) {
                throw new StoreException(
                        "image must not be removed before its source has been told of it: image=" + name);
            }
            images.remove(name);
            removing.add(name);
        }
        if (!remove(image, "told to")) {
            throw new StoreException("image must be removable, the log says why it is not: image=" + name);
        }
    }

    private boolean remove(StoredImage image, String reason) {
        boolean removed = false;
        try {
            Companions.deleteImage(image.path());
            removed = true;
            folders.removeIfEmpty(image.path().getParent());
            LOG.info("image removed: image={} reason=\"{}\"", image.name(), reason);
        } catch (IOException e) {
            LOG.warn("image must be removable: image={} reason=\"{}\"", image.name(), e.toString());
        }
        synchronized (this) {
            removing.remove(image.name());
            if (!removed) {
                images.put(image.name(), image);
            }
        }
        return removed;
    }

    /** Lets go of the folder. */
    @Override
    public void close() {
        closeQuietly(lock);
    }
}
