package io.pageferry.server;

import io.pageferry.config.MigrationParameters;
import io.pageferry.net.Connection;
import io.pageferry.net.SharedBandwidth;
import io.pageferry.net.Throttle;
import io.pageferry.receive.Introduction;
import io.pageferry.session.IncomingMigration;
import io.pageferry.session.MigrationSubject;
import io.pageferry.session.MigrationSubject.Direction;
import io.pageferry.session.Migrations;
import io.pageferry.store.ImageStore;
import io.pageferry.store.StoreDestination;
import io.pageferry.stream.ReturnPathMessage;
import io.pageferry.stream.StreamOutput;
import io.pageferry.supervision.Faults;
import io.pageferry.supervision.Faults.Place;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts a migration for each guest that is complete, and closes connections that are refused. For any thread. */
final class Reception {
    private static final Logger LOG = LoggerFactory.getLogger(Reception.class);

    private final RefusalLog refusals;
    private final ServerSettings settings;
    private final MigrationParameters parameters;
    private final SharedBandwidth bandwidth;
    private final ImageStore store;
    private final Migrations migrations;

    Reception(
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
    }

    void act(Gathering.Outcome<Connection> outcome) {
        for (Gathering.Refusal<Connection> refusal : outcome.refused()) {
            refuse(refusal.callers());
            refusals.say(refusal.callers().getFirst().host(), "guest refused: " + refusal.reason());
        }
        for (Gathering.Guest<Connection> guest : outcome.complete()) {
            if (!Faults.contain(Place.CONNECTION, "guest from " + guest.main().peer(), () -> begin(guest))) {
                refuse(guest.all());
            }
        }
    }

    private static void refuse(List<Caller<Connection>> callers) {
        callers.forEach(Reception::sayNo);
        callers.forEach(caller -> caller.connection().close());
    }

    /**
     * Tells a source that its guest has not come, as other destinations do that fail. It may not have opened the return path; then it does not look. Nothing has
     * been written before, so the network has room for this, and nobody waits.
     */
    private static void sayNo(Caller<Connection> caller) {
        if (caller.introduction() instanceof Introduction.Main) {
            Connection connection = caller.connection();
            connection.throttleBy(Throttle.NONE);
            StreamOutput out = new StreamOutput(bytes -> connection.writeFully(bytes, "return path message"));
            try {
                ReturnPathMessage.shut(1).write(out);
                out.flush();
            } catch (IOException e) {
                // It has gone, and needs no answer.
            }
        }
    }

    private void begin(Gathering.Guest<Connection> guest) {
        List<Connection> connections =
                guest.all().stream().map(Caller::connection).toList();
        Throttle share = bandwidth.share(settings.weight(guest.uuid()), parameters.maxBandwidth());
        connections.forEach(connection -> connection.throttleBy(share));
        StoreDestination destination = store.receive(guest.uuid(), guest.main().identity(), parameters);
        try {
            IncomingMigration migration =
                    IncomingMigration.from(new GatheredConnections(connections), null, parameters, destination);
            MigrationSubject subject = new MigrationSubject(
                    Direction.INCOMING, guest.uuid(), guest.main().peer(), Optional.of(destination.path()));
            migrations.start(subject, migration, _ -> close(destination));
        } catch (RuntimeException | Error e) {
            close(destination);
            throw e;
        } catch (IOException e) {
            refuse(guest.all());
            close(destination);
            refusals.say(
                    guest.main().host(),
                    "guest refused: " + e.getMessage() + " uuid="
                            + guest.uuid().map(UUID::toString).orElse("none"));
        }
    }

    private static void close(StoreDestination destination) {
        try {
            destination.close();
        } catch (IOException e) {
            LOG.warn("image must be let go of: image={} reason=\"{}\"", destination.name(), e.toString());
        }
    }
}
