package io.pageferry.store;

import io.pageferry.config.MigrationParameters;
import io.pageferry.store.reservation.Reservations;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Images of this process's own: who may take which name, which is the newest of its guest, which may go. For any
 * thread.
 */
public final class ImageStore implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ImageStore.class);

    /**
     * Images of one guest are completed one after the other; guests that share a lock by chance wait for each other.
     */
    private static final int COMPLETION_LOCKS = 64;

    private final StoreBackend backend;
    private final Catalogue catalogue;
    private final Retention retention;
    private final Reservations reservations;
    private final Clock clock;
    private final Object[] completionLocks;
    private volatile GuestNames names = GuestNames.NONE;

    private ImageStore(
            StoreBackend backend, Catalogue catalogue, Retention retention, Reservations reservations, Clock clock) {
        this.backend = backend;
        this.catalogue = catalogue;
        this.retention = retention;
        this.reservations = reservations;
        this.clock = clock;
        this.completionLocks = new Object[COMPLETION_LOCKS];
        Arrays.setAll(completionLocks, _ -> new Object());
    }

    /**
     * Takes over a backend, which is closed with the store, and removes what need not be kept.
     *
     * @param images that are complete, by name
     * @param keepFreeBytes what must be left free
     * @param adoptions images that get another owner before anything else
     */
    public static ImageStore over(
            StoreBackend backend,
            Map<String, StoredImage> images,
            Retention retention,
            long keepFreeBytes,
            Clock clock,
            List<Adoption> adoptions)
            throws IOException {
        for (Adoption adoption : adoptions) {
            adoption.apply(images, backend);
        }
        ImageStore store = new ImageStore(
                backend,
                new Catalogue(images),
                retention,
                new Reservations(backend.location(), keepFreeBytes, backend::freeBytes),
                clock);
        store.retain();
        return store;
    }

    /** Has guests be known by names, too: those of images that are there, and those that come. */
    public void name(GuestNames guests) throws IOException {
        names = guests;
        for (StoredImage image : catalogue.complete()) {
            catalogue.replace(image, guests.apply(image, backend));
        }
    }

    GuestNames names() {
        return names;
    }

    Reservations reservations() {
        return reservations;
    }

    StoreBackend backend() {
        return backend;
    }

    /** Where it is, for messages: an image's location begins with this. */
    public String location() {
        return backend.location();
    }

    /** All images, those that are being written too, by name. */
    public List<StoredImage> list() {
        return catalogue.list();
    }

    /**
     * The same, some at a time: what it takes goes by how many are asked for, not by how many there are.
     *
     * @param after only those behind this name, which need not be there any more; empty: from the first one on
     * @param limit how many at the most, 1 at least
     */
    public List<StoredImage> list(String after, int limit) {
        return catalogue.list(after, limit);
    }

    /**
     * Those that fit, the newest first, and those that are being written before them.
     *
     * @param limit how many at the most, 1 at least
     */
    public List<StoredImage> newest(Predicate<StoredImage> fits, int limit) {
        return catalogue.newest(fits, limit);
    }

    /** The newest complete image of each guest that has a uuid. */
    public Collection<StoredImage> newestOfGuests() {
        return catalogue.newestOfGuests();
    }

    /** How long all complete images are; less may be on disk, as images have holes. */
    public long imageBytes() {
        return catalogue.complete().stream().mapToLong(StoredImage::bytes).sum();
    }

    /** How many bytes can still be kept. */
    public long freeBytes() throws IOException {
        return backend.freeBytes();
    }

    /** How many there are, those that are being written too. */
    public int count() {
        return catalogue.count();
    }

    /** A complete image. */
    public Optional<StoredImage> find(String name) {
        return catalogue.find(name);
    }

    /**
     * Has an image stay as long as somebody reads it.
     *
     * @throws StoreException where there is no such image, or more than one guest could be meant
     */
    public Loan lend(ImageQuery query) throws StoreException {
        try {
            StoredImage image = catalogue.lend(query);
            if (backend.isTaken(image.name())) {
                return new Loan(this, image);
            }
            catalogue.giveBack(image.name());
        } catch (StoreException e) {
            // Another process may have brought it.
        }
        refresh();
        return new Loan(this, catalogue.lend(query));
    }

    /** Learns what other processes have brought and removed meanwhile. */
    public void refresh() throws StoreException {
        Set<String> before = catalogue.names();
        catalogue.refresh(before, backend.scan());
    }

    void takeBack(String name) {
        catalogue.giveBack(name);
        retain();
    }

    /**
     * A place for a guest that begins to come.
     *
     * @param owner who sends it, where that is known already
     */
    public StoreDestination receive(Optional<UUID> guest, Optional<String> owner, MigrationParameters parameters) {
        Instant now = clock.instant();
        synchronized (catalogue) {
            return begin(placeFor(new GuestIdentity(guest, owner), now), now, parameters);
        }
    }

    /**
     * The same under a name of the caller's choice, {@code FOLDER/NAME.img}. Where the folder is a uuid, that guest
     * alone is meant.
     *
     * @throws StoreException where the name is no such one, is taken already, or is another guest's
     */
    public StoreDestination receive(String name, Optional<UUID> guest, MigrationParameters parameters)
            throws StoreException {
        if (!ImageName.isForClients(name)) {
            throw new StoreException(
                    "image must be named FOLDER/NAME.img, with letters, digits, '_', '-' and '.': image=" + name);
        }
        Optional<UUID> meant = GuestIdentity.uuidOfFolder(ImageName.folderOf(name));
        if (guest.isPresent() && meant.isPresent() && !guest.equals(meant)) {
            throw new StoreException(
                    "image must be in a folder of its guest's: image=" + name + " uuid=" + guest.get());
        }
        backend.requireOwn(name);
        synchronized (catalogue) {
            if (isTaken(name)) {
                throw new StoreException("image must be new to the store: image=" + name);
            }
            GuestIdentity identity = new GuestIdentity(guest.or(() -> meant), Optional.empty());
            return begin(
                    new StoreDestination.Place(name, backend.locationOf(name), identity, true),
                    clock.instant(),
                    parameters);
        }
    }

    private StoreDestination begin(StoreDestination.Place place, Instant now, MigrationParameters parameters) {
        StoreDestination destination = new StoreDestination(this, place, now, parameters);
        catalogue.begin(destination);
        return destination;
    }

    private StoreDestination.Place placeFor(GuestIdentity guest, Instant begun) {
        String base = ImageName.base(guest, begun);
        String name = base + ImageName.SUFFIX;
        for (int i = 2; isTaken(name); i++) {
            name = base + "-" + i + ImageName.SUFFIX;
        }
        return new StoreDestination.Place(name, backend.locationOf(name), guest, false);
    }

    /** A file that is no image, as far as this version knows, is not ours to replace. */
    private boolean isTaken(String name) {
        return catalogue.isTaken(name) || backend.isTaken(name);
    }

    /** Gives a guest its place that was not known, or not all of it, when it began to come. */
    void file(StoreDestination destination, GuestIdentity guest) {
        synchronized (catalogue) {
            StoreDestination.Place place = destination.place();
            destination.moveTo(
                    place.named()
                            ? new StoreDestination.Place(place.name(), place.location(), guest, true)
                            : placeFor(guest, destination.begun()));
        }
    }

    /**
     * Puts an image of a guest's into its place among all. One at a time of each guest: their order is that in which
     * they get their names, so that the one whose source was told last is the newest.
     */
    void complete(GuestIdentity guest, Completion completion) throws IOException {
        synchronized (completionLocks[Math.floorMod(guest.hashCode(), COMPLETION_LOCKS)]) {
            catalogue.add(completion.complete(backend.nextOrder(), clock.instant()));
        }
    }

    /** Gives an image its name, with facts that say which one it was and when. */
    interface Completion {
        StoredImage complete(long order, Instant now) throws IOException;
    }

    /** Nobody waits for this any more: if there was a source, it has its answer. */
    void ended(StoreDestination destination) {
        catalogue.end(destination);
        backend.vacate(destination.name());
        retain();
    }

    /**
     * Removes images that are too many or too old, and that nobody reads. What got its name from a client is the
     * client's, and stays.
     */
    public void retain() {
        // Out of the lock: to remove a large file takes seconds.
        catalogue.takeSurplus(retention, clock.instant()).forEach(this::remove);
    }

    /**
     * Removes a complete image because an operator says so, whatever it is.
     *
     * @throws StoreException where there is none of that name, its source may not know yet that it is complete,
     *     somebody reads it, or it cannot be removed
     */
    public void remove(String name) throws StoreException {
        if (!remove(catalogue.take(name), "told to")) {
            throw new StoreException("image must be removable, the log says why it is not: image=" + name);
        }
    }

    private boolean remove(StoredImage image, String reason) {
        boolean removed = false;
        try {
            backend.remove(image);
            removed = true;
            backend.vacate(image.name());
            LOG.info("image removed: image={} reason=\"{}\"", image.name(), reason);
        } catch (IOException e) {
            LOG.warn("image must be removable: image={} reason=\"{}\"", image.name(), e.getMessage());
        }
        if (removed) {
            catalogue.removed(image);
        } else {
            catalogue.putBack(image);
        }
        return removed;
    }

    /** Lets go of the backend. */
    @Override
    public void close() {
        backend.close();
    }
}
