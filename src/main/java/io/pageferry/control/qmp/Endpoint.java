package io.pageferry.control.qmp;

import io.pageferry.config.ConfigException;
import io.pageferry.config.GuestUuid;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.config.MultifdCompression;
import io.pageferry.session.registry.MigrationEntry;
import io.pageferry.session.registry.MigrationSubject.Direction;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * What a monitor is the monitor of: capabilities, parameters, and the migration that they were for. The session's
 * thread; the migration tells its {@link MigrationEvents} on its own ones.
 */
final class Endpoint implements AutoCloseable {
    static final String IN_PROGRESS = "There's a migration process in progress";

    private final MigrationHost host;
    private final Outbox outbox;
    private final Capabilities capabilities = new Capabilities();
    private final Parameters parameters = new Parameters();
    private Optional<Current> current = Optional.empty();

    /** What {@code migrate} or {@code migrate-incoming} has come to: a migration, or a reason why there is none. */
    record Current(
            Direction direction,
            Optional<MigrationEntry> entry,
            Optional<MigrationUri> listening,
            Optional<String> refusal,
            MigrationEvents events) {
        boolean isRunning() {
            return entry.filter(one -> !one.progress().status().isFinal()).isPresent();
        }
    }

    Endpoint(MigrationHost host, Outbox outbox) {
        this.host = host;
        this.outbox = outbox;
    }

    Capabilities capabilities() {
        return capabilities;
    }

    Parameters parameters() {
        return parameters;
    }

    Optional<Current> current() {
        return current;
    }

    boolean isRunning(Direction direction) {
        return current.filter(one -> one.direction() == direction && one.isRunning())
                .isPresent();
    }

    /** The migration that runs, for somebody to end it. */
    Optional<MigrationEntry> running() {
        return current.filter(Current::isRunning).flatMap(Current::entry);
    }

    /** {@code migrate-set-parameters}: while a migration runs only what it can still take up. */
    void setParameters(Arguments arguments) throws QmpException {
        Optional<MigrationEntry> running = running();
        Optional<Set<String>> changeable =
                running.map(_ -> isRunning(Direction.OUTGOING) ? Set.of(Parameters.MAX_BANDWIDTH) : Set.<String>of());
        if (parameters.set(arguments, changeable)) {
            running.ifPresent(migration -> migration.maxBandwidth(parameters.maxBandwidth()));
        }
    }

    UUID guest() {
        return current.flatMap(Current::entry)
                .flatMap(entry -> entry.subject().guest())
                .or(parameters::guest)
                .orElse(GuestUuid.NONE);
    }

    /** QEMU's run state that fits best; nothing ever runs here. */
    String runState() {
        if (current.isEmpty()) {
            return "prelaunch";
        }
        boolean completed = MigrateAnswer.status(current.get()).equals("completed");
        return switch (current.get().direction()) {
            case INCOMING -> completed ? "paused" : "inmigrate";
            case OUTGOING -> completed ? "postmigrate" : "prelaunch";
        };
    }

    /** {@code migrate-incoming}. */
    void receive(MigrationUri source) throws QmpException {
        if (isRunning(Direction.INCOMING)) {
            throw new QmpException("The incoming migration has already been started");
        }
        requireIdle();
        requireFit(source);
        MigrationParameters settings = settings(Direction.INCOMING);
        begin(Direction.INCOMING, events -> {
            MigrationHost.Arrival arrival =
                    host.receive(source, parameters.image(), parameters.guest(), settings, events);
            return new Current(
                    Direction.INCOMING,
                    Optional.of(arrival.entry()),
                    Optional.of(arrival.uri()),
                    Optional.empty(),
                    events);
        });
    }

    /** {@code migrate}. */
    void send(MigrationUri destination, boolean resume) throws QmpException {
        requireFit(destination);
        if (resume) {
            throw new QmpException("Cannot resume if there is no paused migration");
        }
        requireIdle();
        if (isRunning(Direction.INCOMING)) {
            throw new QmpException("Guest is waiting for an incoming migration");
        }
        String image = imageToSend();
        MigrationParameters settings = settings(Direction.OUTGOING);
        begin(Direction.OUTGOING, events -> {
            MigrationEntry entry =
                    host.send(image, parameters.owner(), destination, parameters.guest(), settings, events);
            return new Current(Direction.OUTGOING, Optional.of(entry), Optional.empty(), Optional.empty(), events);
        });
    }

    /** {@code x-attach}: from now on this is the monitor of another migration. */
    void attach(MigrationEntry entry) {
        close();
        Direction direction = entry.subject().direction();
        MigrationEvents events = new MigrationEvents(direction, capabilities, outbox);
        entry.progress().stats().addListener(events);
        events.begin(entry.progress().status());
        current = Optional.of(new Current(direction, Optional.of(entry), Optional.empty(), Optional.empty(), events));
    }

    private interface Beginning {
        Current with(MigrationEvents events) throws IOException;
    }

    /** As in QEMU, {@code setup} is said before it is known whether anything comes of it. */
    private void begin(Direction direction, Beginning beginning) throws QmpException {
        close();
        MigrationEvents events = new MigrationEvents(direction, capabilities, outbox);
        events.state("setup");
        try {
            current = Optional.of(beginning.with(events));
        } catch (IOException | ConfigException e) {
            events.state("failed");
            String reason = MigrateAnswer.describe(e);
            current = Optional.of(
                    new Current(direction, Optional.empty(), Optional.empty(), Optional.of(reason), events));
            throw new QmpException(reason);
        }
    }

    /** The one that was named, or else the one that has come in here. */
    private String imageToSend() throws QmpException {
        return parameters
                .image()
                .or(() -> current.flatMap(Current::entry)
                        .flatMap(entry -> entry.subject().image())
                        .map(host::nameOf))
                .orElseThrow(() -> new QmpException(
                        "Parameter 'x-image' must name the image to send, with migrate-set-parameters"));
    }

    private void requireIdle() throws QmpException {
        if (isRunning(Direction.OUTGOING)) {
            throw new QmpException(IN_PROGRESS);
        }
    }

    /** Whether what is turned on fits the address, in QEMU's words where it says the same. */
    private void requireFit(MigrationUri uri) throws QmpException {
        boolean file = uri instanceof MigrationUri.ImageFile;
        boolean mapped = capabilities.isOn(Capabilities.MAPPED_RAM);
        if (mapped && !file) {
            throw new QmpException("Migration requires seekable transport (e.g. file)");
        }
        if (!mapped && file) {
            throw new QmpException("Migration requires multi-channel URIs (e.g. tcp)");
        }
        if (capabilities.isOn(Capabilities.ZERO_COPY_SEND) && (parameters.isCompressed() || parameters.isTls())) {
            throw new QmpException(Capabilities.NO_ZERO_COPY);
        }
        if (mapped && (parameters.isCompressed() || parameters.isTls())) {
            throw new QmpException("Mapped-ram only available for non-compressed non-TLS multifd migration");
        }
    }

    private MigrationParameters settings(Direction direction) throws QmpException {
        try {
            MigrationParameters.Builder settings = host.parameters();
            capabilities.addTo(settings);
            parameters.addTo(settings, host.credentials());
            if (direction == Direction.INCOMING && !parameters.hasChannels()) {
                settings.maxMultifdChannels(MigrationParameters.MAX_MULTIFD_CHANNELS);
            }
            if (!capabilities.isOn(Capabilities.MULTIFD)) {
                settings.compression(MultifdCompression.NONE); // multifd's parameters are of no meaning then
            }
            return settings.build();
        } catch (ConfigException e) {
            throw new QmpException(e.getMessage());
        }
    }

    /** Nothing is told any more of the migration, which goes on. */
    @Override
    public void close() {
        current.ifPresent(
                one -> one.entry().ifPresent(entry -> entry.progress().stats().removeListener(one.events())));
    }
}
