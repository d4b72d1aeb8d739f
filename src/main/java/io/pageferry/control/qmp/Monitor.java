package io.pageferry.control.qmp;

import io.pageferry.config.MigrationUri;
import io.pageferry.control.Audit;
import io.pageferry.history.Refusal;
import io.pageferry.session.registry.MigrationEntry;
import io.pageferry.session.registry.MigrationSubject.Direction;
import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The commands that there are once capabilities are negotiated. The session's thread. */
final class Monitor {
    /** What a command does; one that returns nothing returns null. */
    private interface Command {
        JsonNode run(Arguments arguments) throws QmpException;
    }

    /** A command that returns a list which may be long. */
    private interface Listing {
        Iterator<? extends JsonNode> run(Arguments arguments) throws QmpException;
    }

    /** A command with no arguments. */
    private interface Query {
        JsonNode run() throws QmpException;
    }

    private static final Set<String> OUT_OF_BAND = Set.of("yank");
    private static final List<String> YANK_TYPES = List.of("block-node", "chardev", "migration");
    private static final List<String> STATUSES = List.of(
            "none",
            "setup",
            "cancelling",
            "cancelled",
            "active",
            "postcopy-active",
            "postcopy-paused",
            "postcopy-recover-setup",
            "postcopy-recover",
            "completed",
            "failed",
            "colo",
            "pre-switchover",
            "device",
            "wait-unplug");

    private final MigrationHost host;
    private final Endpoint endpoint;
    private final Audit audit;
    private final Map<String, Command> commands = new LinkedHashMap<>();
    private final Map<String, Listing> listings = new LinkedHashMap<>();

    Monitor(MigrationHost host, Endpoint endpoint, Audit audit) {
        this.host = host;
        this.endpoint = endpoint;
        this.audit = audit;
        query("query-version", QmpJson::version);
        query("query-commands", this::queryCommands);
        query("query-name", QmpJson::object);
        query("query-uuid", () -> QmpJson.object().put("UUID", endpoint.guest().toString()));
        query(
                "query-status",
                () -> QmpJson.object().put("status", endpoint.runState()).put("running", false));
        query("query-migrate-capabilities", () -> endpoint.capabilities().list());
        commands.put("migrate-set-capabilities", this::setCapabilities);
        query("query-migrate-parameters", () -> endpoint.parameters().list());
        commands.put("migrate-set-parameters", this::setParameters);
        commands.put("migrate-incoming", this::migrateIncoming);
        commands.put("migrate", this::migrate);
        query("migrate_cancel", this::migrateCancel);
        commands.put("migrate-continue", this::migrateContinue);
        query("query-migrate", this::queryMigrate);
        query("query-migrationthreads", this::queryMigrationThreads);
        commands.put("yank", this::yank);
        query("query-yank", this::queryYank);
        commands.put("x-remove-image", this::removeImage);
        commands.put("x-attach", this::attach);
        listings.put("x-query-images", this::queryImages);
        listings.put("x-query-migrations", this::queryMigrations);
        listings.put("x-query-refusals", this::queryRefusals);
    }

    private void query(String name, Query query) {
        commands.put(name, arguments -> {
            arguments.end();
            return query.run();
        });
    }

    boolean has(String command) {
        return commands.containsKey(command) || listings.containsKey(command);
    }

    boolean allowsOutOfBand(String command) {
        return OUT_OF_BAND.contains(command);
    }

    /** Runs a command that there is; returns what it returns. */
    Result run(String command, Arguments arguments) throws QmpException {
        if (listings.containsKey(command)) {
            return new Result.Elements(listings.get(command).run(arguments));
        }
        JsonNode returned = commands.get(command).run(arguments);
        return returned == null ? Result.nothing() : new Result.Value(returned);
    }

    private JsonNode queryCommands() {
        ArrayNode list = QmpJson.array();
        commands.keySet().forEach(name -> list.addObject().put("name", name));
        listings.keySet().forEach(name -> list.addObject().put("name", name));
        QmpSession.OWN_COMMANDS.forEach(name -> list.addObject().put("name", name));
        return list;
    }

    private JsonNode setCapabilities(Arguments arguments) throws QmpException {
        endpoint.capabilities()
                .set(arguments, endpoint.isRunning(Direction.OUTGOING), endpoint.isRunning(Direction.INCOMING));
        return null;
    }

    private JsonNode setParameters(Arguments arguments) throws QmpException {
        endpoint.setParameters(arguments);
        return null;
    }

    private JsonNode migrateIncoming(Arguments arguments) throws QmpException {
        MigrationUri source = Addresses.read(arguments);
        arguments.optionalBool("exit-on-error"); // nothing here exits: a client can always ask for the reason
        arguments.end();
        endpoint.receive(source);
        return null;
    }

    private JsonNode migrate(Arguments arguments) throws QmpException {
        MigrationUri destination = Addresses.read(arguments);
        arguments.optionalBool("detach"); // QEMU's, too, goes on by itself in any case
        boolean resume = arguments.optionalBool("resume");
        arguments.end();
        endpoint.send(destination, resume);
        return null;
    }

    private JsonNode migrateCancel() {
        endpoint.running().ifPresent(entry -> {
            audit.cancelled(entry.id());
            entry.cancel();
        });
        return null;
    }

    /** For {@code pause-before-switchover}, which there is not: a migration never waits to be continued. */
    private JsonNode migrateContinue(Arguments arguments) throws QmpException {
        arguments.word("state", STATUSES);
        arguments.end();
        throw new QmpException("Migration not in expected state: "
                + endpoint.current()
                        .filter(one -> one.direction() == Direction.OUTGOING)
                        .map(MigrateAnswer::status)
                        .orElse("none"));
    }

    private JsonNode queryMigrate() {
        return endpoint.current()
                .map(one -> MigrateAnswer.of(one, endpoint.parameters().downtimeLimitMillis()))
                .orElseGet(QmpJson::object);
    }

    private JsonNode queryMigrationThreads() {
        ArrayNode list = QmpJson.array();
        endpoint.running()
                .ifPresent(entry -> entry.progress()
                        .threads()
                        .list()
                        .forEach(thread ->
                                list.addObject().put("name", thread.name()).put("thread-id", thread.threadId())));
        return list;
    }

    private JsonNode queryYank() {
        ArrayNode list = QmpJson.array();
        endpoint.running().ifPresent(_ -> list.addObject().put("type", "migration"));
        return list;
    }

    /** All of them or none. */
    private JsonNode yank(Arguments arguments) throws QmpException {
        boolean all = true;
        boolean any = false;
        for (Arguments instance : arguments.objects("instances")) {
            String type = instance.word("type", YANK_TYPES);
            if (type.equals("block-node")) {
                instance.string("node-name");
            } else if (type.equals("chardev")) {
                instance.string("id");
            }
            instance.end();
            all &= type.equals("migration");
            any = true;
        }
        arguments.end();
        Optional<MigrationEntry> running = endpoint.running();
        if (any && (!all || running.isEmpty())) {
            throw new QmpException(QmpException.ErrorClass.DEVICE_NOT_FOUND, "Instance not found");
        }
        if (any) {
            audit.yanked(running.get().id());
            running.get().yank();
        }
        return null;
    }

    private Iterator<ObjectNode> queryImages(Arguments arguments) throws QmpException {
        String after = arguments.optionalString("after").orElse("");
        int limit = limit(arguments);
        arguments.end();
        return host.images().each(after, limit, Monitor::describe);
    }

    private static ObjectNode describe(ImageSummary image) {
        ObjectNode one = QmpJson.object().put("image", image.name()).put("size", image.sizeBytes());
        one.put("state", image.state()).put("begun", image.begun().toString());
        image.guest().ifPresent(guest -> one.put("uuid", guest.toString()));
        image.owner().ifPresent(owner -> one.put("owner", owner));
        image.machine().ifPresent(machine -> one.put("machine", machine));
        return one;
    }

    private Iterator<ObjectNode> queryMigrations(Arguments arguments) throws QmpException {
        long after = arguments.has("after")
                ? arguments.unsigned("after", Long.SIZE - 1).longValue()
                : 0;
        int limit = limit(arguments);
        arguments.end();
        return host.migrations().list().stream()
                .filter(entry -> entry.id() > after)
                .limit(limit)
                .map(entry -> MigrateAnswer.describe(entry, host))
                .iterator();
    }

    private Iterator<ObjectNode> queryRefusals(Arguments arguments) throws QmpException {
        int limit = limit(arguments);
        arguments.end();
        return host.refused().newest(limit).stream().map(Refusal::toJson).iterator();
    }

    /** How many elements of a list a client wants; all, where it does not say. */
    private static int limit(Arguments arguments) throws QmpException {
        if (!arguments.has("limit")) {
            return Integer.MAX_VALUE;
        }
        int limit = arguments.unsigned("limit", Integer.SIZE - 1).intValue();
        if (limit == 0) {
            throw new QmpException("Parameter 'limit' must be 1 at least");
        }
        return limit;
    }

    private JsonNode removeImage(Arguments arguments) throws QmpException {
        String image = arguments.string("image");
        arguments.end();
        try {
            host.remove(image);
            audit.removed(image);
        } catch (IOException e) {
            throw new QmpException(e.getMessage());
        }
        return null;
    }

    private JsonNode attach(Arguments arguments) throws QmpException {
        long id = arguments.unsigned("id", Long.SIZE).longValue();
        arguments.end();
        MigrationEntry entry = host.migrations()
                .find(id)
                .orElseThrow(() -> new QmpException(
                        QmpException.ErrorClass.DEVICE_NOT_FOUND,
                        "migration must be one of x-query-migrations: id=" + id));
        endpoint.attach(entry);
        return null;
    }
}
