package io.pageferry.store;

import io.pageferry.checkpoint.CheckpointFacts;
import io.pageferry.config.MigrationParameters;
import io.pageferry.memory.PageSink;
import io.pageferry.memory.RamLayout;
import io.pageferry.receive.ReceivedGuest;
import io.pageferry.session.CheckpointDestination;
import io.pageferry.session.Destination;
import io.pageferry.store.reservation.Reservation;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceStateSink;
import io.pageferry.stream.DeviceStateStore;
import io.pageferry.stream.MemoryGrowth;
import io.pageferry.stream.Section;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** A guest on its way into a store. Nothing of it is there before the guest's size is known and it has room. */
public final class StoreDestination implements Destination {
    /**
     * Where an image is going to be.
     *
     * @param guest what is known of its guest
     * @param named whether a client chose the name
     */
    record Place(String name, String location, GuestIdentity guest, boolean named) {}

    private final ImageStore store;
    private final Instant begun;
    private final MigrationParameters parameters;
    private final CompletableFuture<StoreDestination> known = new CompletableFuture<>();
    private final Reservation reservation;

    // Written by the migration's main thread.
    private volatile Place place;
    private volatile CheckpointDestination image;
    private volatile Configuration configuration;

    StoreDestination(ImageStore store, Place place, Instant begun, MigrationParameters parameters) {
        this.store = store;
        this.place = place;
        this.begun = begun;
        this.parameters = parameters;
        this.reservation = store.reservations().open(place.name(), parameters.stallTimeout(), this::bytesOnDisk);
    }

    /**
     * Says whose guest it is, before it begins.
     *
     * @param holders its source's host and identity: each may hold no more than its share of the room that is free,
     *     with all its guests
     */
    public void heldBy(Set<String> holders, double share) {
        reservation.heldBy(Set.copyOf(holders), share);
    }

    public String name() {
        return place.name();
    }

    /** The guest that is meant, where that was known from the beginning or it has said so. */
    public Optional<UUID> guest() {
        return place.guest().uuid();
    }

    /** Where the image is going to be, as far as that is known: a guest may still say who it is. */
    public String location() {
        return place.location();
    }

    /** Tells, once, that the guest has said who it is and its image has its place; at once where it has already. */
    public void whenGuestIsKnown(Consumer<StoreDestination> then) {
        known.thenAccept(then);
    }

    @Override
    public void guestIs(Optional<UUID> uuid, Optional<String> source) throws StoreException {
        GuestIdentity now = place.guest();
        GuestIdentity said =
                new GuestIdentity(now.uuid().or(() -> uuid), now.owner().or(() -> source));
        said.requireOwner();
        if (!said.equals(now)) {
            store.file(this, said);
        }
        known.complete(this);
    }

    Instant begun() {
        return begun;
    }

    Place place() {
        return place;
    }

    void moveTo(Place other) {
        place = other;
    }

    /** The image as it is so far. */
    StoredImage describe() {
        Place now = place;
        return new StoredImage(
                now.name(),
                now.location(),
                now.guest().uuid(),
                Optional.ofNullable(configuration)
                        .map(said -> said.machineType().name()),
                begun,
                writtenBytes(),
                StoredImage.State.WRITING,
                Optional.of(facts(now)));
    }

    /** The disk space that the guest may still take. */
    long outstandingBytes() {
        return reservation.outstandingBytes();
    }

    private long writtenBytes() {
        CheckpointDestination begunImage = image;
        return begunImage == null ? 0 : begunImage.presentBytes();
    }

    private long bytesOnDisk() {
        CheckpointDestination begunImage = image;
        return begunImage == null ? 0 : begunImage.bytesOnDisk();
    }

    @Override
    public PageSink open(Configuration said, Section ram, RamLayout layout) throws IOException {
        configuration = said;
        StoreBackend backend = store.backend();
        reservation.reserve(layout.totalBytes(), backend.maxBytes(layout) - layout.totalBytes());
        image = CheckpointDestination.of(
                buffers -> backend.begin(place.name(), parameters, buffers, reservation), parameters);
        return image.open(said, ram, layout);
    }

    @Override
    public DeviceStateSink deviceStateSink() {
        return image.deviceStateSink();
    }

    @Override
    public DeviceStateStore deviceStateStore(MemoryGrowth heap) throws IOException {
        return image.deviceStateStore(heap);
    }

    @Override
    public void complete(ReceivedGuest received) throws IOException {
        image.finish(received);
        Place at = place;
        store.complete(at.guest(), (order, now) -> {
            CheckpointFacts facts =
                    facts(at).withDialect(received.dialect()).withOrder(order).withCompleted(now);
            image.publish(facts);
            return new StoredImage(
                    at.name(),
                    at.location(),
                    at.guest().uuid(),
                    Optional.of(received.configuration().machineType().name()),
                    begun,
                    store.backend().bytesOf(at.name()), // which cannot fail: it is too late for that
                    StoredImage.State.COMPLETE,
                    Optional.of(facts));
        });
    }

    private CheckpointFacts facts(Place of) {
        return CheckpointFacts.of(of.guest().uuid(), of.guest().owner())
                .withGuestName(store.names().of(of.guest().uuid()))
                .withNamed(of.named());
    }

    @Override
    public void close() throws IOException {
        try {
            if (image != null) {
                image.close();
            }
        } finally {
            store.reservations().remove(reservation);
            store.ended(this);
        }
    }
}
