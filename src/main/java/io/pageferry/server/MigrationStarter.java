package io.pageferry.server;

import io.pageferry.config.GuestUuid;
import io.pageferry.config.MigrationParameters;
import io.pageferry.net.Connection;
import io.pageferry.net.SharedBandwidth;
import io.pageferry.net.Throttle;
import io.pageferry.receive.Introduction;
import io.pageferry.session.IncomingMigration;
import io.pageferry.session.registry.MigrationSubject;
import io.pageferry.session.registry.MigrationSubject.Direction;
import io.pageferry.session.registry.Migrations;
import io.pageferry.store.ImageStore;
import io.pageferry.store.StoreDestination;
import io.pageferry.store.StoreException;
import io.pageferry.store.reservation.ReservationException;
import io.pageferry.stream.ReturnPathMessage;
import io.pageferry.stream.StreamOutput;
import io.pageferry.supervision.Faults;
import io.pageferry.supervision.Faults.Place;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts a migration for each guest that is complete, and closes connections that are refused. For any thread. */
final class MigrationStarter {
    private static final Logger LOG = LoggerFactory.getLogger(MigrationStarter.class);

    private final RefusalLog refusals;
    private final ServerSettings settings;
    private final MigrationParameters parameters;
    private final SharedBandwidth bandwidth;
    private final ImageStore store;
    private final Migrations migrations;
    private final RunningGuests running;
    private final LastLooks lastLooks;

    MigrationStarter(
            RefusalLog refusals,
            ServerSettings settings,
            SharedBandwidth bandwidth,
            ImageStore store,
            Migrations migrations) {
        this.refusals = refusals;
        this.settings = settings;
        this.parameters = settings.parameters();
        this.bandwidth = bandwidth;
        this.store = store;
        this.migrations = migrations;
        this.running = new RunningGuests(migrations.maxRunning(), settings.hostShare());
        this.lastLooks = new LastLooks(settings.hostShare());
    }

    /** From now on who is refused is told so at once: the process may be about to end. */
    void refuseAtOnce() {
        lastLooks.end();
    }

    void act(Outcome<Connection> outcome) {
        for (Outcome.Refusal<Connection> refusal : outcome.refused()) {
            if (!isLeftToLastLooks(refusal)) {
                refuse(refusal);
            }
        }
        for (Outcome.Guest<Connection> guest : outcome.complete()) {
            if (!Faults.contain(Place.CONNECTION, "guest from " + guest.main().peer(), () -> begin(guest))) {
                refuse(guest.all());
            }
        }
    }

    private void refuse(Outcome.Refusal<Connection> refusal) {
        refuse(refusal.connections());
        Faults.contain(Place.CONNECTION, "refusal", () -> say(refusal));
    }

    /** Main channels that nothing is known of but that it is not known whose channels are theirs. */
    private boolean isLeftToLastLooks(Outcome.Refusal<Connection> refusal) {
        List<PendingConnection<Connection>> mains = refusal.connections();
        if (refusal.rule() != RefusalLog.Rule.GATHERING || !mains.stream().allMatch(MigrationStarter::isUnnamedMain)) {
            return false;
        }
        for (PendingConnection<Connection> main : mains) {
            Outcome.Refusal<Connection> own = new Outcome.Refusal<>(List.of(main), refusal.rule(), refusal.reason());
            if (!lastLooks.enter(holders(main))) {
                refuse(own);
            } else if (!main.lastLook().leaveTo(own)) {
                lastLooks.leave(holders(main));
                refuse(own);
            }
        }
        return true;
    }

    private static boolean isUnnamedMain(PendingConnection<Connection> pending) {
        return pending.introduction() instanceof Introduction.Main(Optional<UUID> uuid)
                && uuid.flatMap(GuestUuid::of).isEmpty();
    }

    /**
     * A main channel that was to be refused has been looked at once more.
     *
     * @param plain whether it brings its pages itself: then it is its whole guest, and nobody else's channels matter
     */
    void endLastLook(Outcome.Refusal<Connection> refusal, boolean plain) {
        PendingConnection<Connection> main = refusal.connections().getFirst();
        try {
            if (plain) {
                Outcome<Connection> outcome = new Outcome<>();
                outcome.complete().add(new Outcome.Guest<>(Optional.empty(), main, List.of()));
                act(outcome);
            } else {
                refuse(refusal);
            }
        } finally {
            lastLooks.leave(holders(main));
        }
    }

    /** Tells and closes one that is still looked at; who looks says why. */
    void turnAway(PendingConnection<Connection> main) {
        refuse(List.of(main));
    }

    private void say(Outcome.Refusal<Connection> refusal) {
        PendingConnection<Connection> first = refusal.connections().getFirst();
        refusals.say(
                refusal.rule(),
                new RefusalLog.Refused(first.network(), first.peer(), uuidOf(refusal)),
                (first.isIntroduced() ? "guest" : "connection") + " refused: " + refusal.reason());
    }

    /** Where all that have said one have said the same. */
    private static Optional<UUID> uuidOf(Outcome.Refusal<Connection> refusal) {
        List<UUID> said = refusal.connections().stream()
                .filter(PendingConnection::isIntroduced)
                .flatMap(one -> uuidOf(one.introduction()).stream())
                .distinct()
                .toList();
        return said.size() == 1 ? Optional.of(said.getFirst()) : Optional.empty();
    }

    private static Optional<UUID> uuidOf(Introduction introduction) {
        return switch (introduction) {
            case Introduction.Main(Optional<UUID> uuid) -> uuid.flatMap(GuestUuid::of);
            case Introduction.Channel(UUID uuid, int _) -> GuestUuid.of(uuid);
        };
    }

    private static void refuse(List<PendingConnection<Connection>> refused) {
        for (PendingConnection<Connection> one : refused) {
            Faults.contain(Place.CONNECTION, "refusal of " + one.peer(), () -> sendFailure(one));
        }
        for (PendingConnection<Connection> one : refused) {
            Faults.contain(
                    Place.CONNECTION,
                    "end of " + one.peer(),
                    () -> one.connection().close());
        }
    }

    /**
     * Tells a source that its guest has not come, as other destinations do that fail. It may not have opened the return
     * path; then it does not look. Nothing has been written before, so the network has room for this; where the peer
     * has seen to it that there is none it is not told, and nobody waits.
     */
    private static void sendFailure(PendingConnection<Connection> pending) {
        if (pending.introduction() instanceof Introduction.Main) {
            Connection connection = pending.connection();
            StreamOutput out = new StreamOutput(bytes -> connection.offer(bytes, "return path message"));
            try {
                ReturnPathMessage.shut(1).write(out);
                out.flush();
            } catch (IOException e) {
                // It has gone, and needs no answer.
            }
        }
    }

    private void begin(Outcome.Guest<Connection> guest) {
        Set<String> holders = holders(guest.main());
        Optional<String> tooMany = running.enter(holders);
        if (tooMany.isPresent()) {
            refuse(guest, RefusalLog.Rule.MAX_MIGRATIONS, tooMany.get());
            return;
        }
        StoreDestination destination = null;
        try {
            guest.main().awaitNobodyLooks();
            List<Connection> connections =
                    guest.all().stream().map(PendingConnection::connection).toList();
            Throttle share = bandwidth.share(settings.weight(guest.uuid()), parameters.maxBandwidth());
            connections.forEach(connection -> connection.throttleBy(share));
            destination = store.receive(guest.uuid(), guest.main().identity(), parameters);
            destination.heldBy(holders, settings.hostShare().part());
            StoreDestination taken = destination;
            IncomingMigration migration = IncomingMigration.from(
                    new GatheredConnections(connections), Optional.empty(), parameters, destination);
            migration.heldBy(holders, settings.hostShare().part());
            MigrationSubject subject = new MigrationSubject(
                    Direction.INCOMING, guest.uuid(), guest.main().peer(), Optional.of(destination.location()));
            migrations.start(subject, migration, outcome -> {
                leave(holders, taken);
                outcome.failure()
                        .filter(failure -> failure instanceof StoreException || failure instanceof ReservationException)
                        .ifPresent(failure -> say(guest, RefusalLog.Rule.STORE, failure.getMessage()));
            });
        } catch (RuntimeException | Error e) {
            leave(holders, destination);
            throw e;
        } catch (IOException e) {
            leave(holders, destination);
            refuse(guest, RefusalLog.Rule.MAX_MIGRATIONS, e.getMessage());
        }
    }

    /** Whatever fault is met, the place is free. */
    private void leave(Set<String> holders, StoreDestination destination) {
        try {
            if (destination != null) {
                close(destination);
            }
        } finally {
            running.leave(holders);
        }
    }

    /** Whose share of the limits a guest takes: its host's, and its identity's, wherever that is. */
    private static Set<String> holders(PendingConnection<Connection> main) {
        Set<String> holders = new LinkedHashSet<>();
        holders.add("host=" + main.network());
        main.identity().ifPresent(identity -> holders.add("identity=" + identity));
        return holders;
    }

    private void refuse(Outcome.Guest<Connection> guest, RefusalLog.Rule rule, String reason) {
        refuse(guest.all());
        say(guest, rule, reason);
    }

    private void say(Outcome.Guest<Connection> guest, RefusalLog.Rule rule, String reason) {
        refusals.say(
                rule,
                new RefusalLog.Refused(guest.main().network(), guest.main().peer(), guest.uuid()),
                "guest refused: " + reason + " uuid="
                        + guest.uuid().map(UUID::toString).orElse("none"));
    }

    private static void close(StoreDestination destination) {
        try {
            destination.close();
        } catch (IOException e) {
            LOG.warn("image must be let go of: image={} reason=\"{}\"", destination.name(), e.toString());
        }
    }
}
