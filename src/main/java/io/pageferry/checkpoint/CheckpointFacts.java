package io.pageferry.checkpoint;

import io.pageferry.stream.Dialect;
import io.pageferry.stream.WireProperty;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is known of a checkpoint and QEMU's format has no place for: of an image it is the content of the sidecar,
 * {@code IMAGE.json}. Immutable.
 *
 * <pre>
 * {"version": 1, "order": 17, "uuid": "2f9b7b62-…", "name": "web", "owner": "CN=laptop,O=Home",
 *  "completed": "2026-11-30T09:40:15.123Z", "named": true,
 *  "dialect": {"multifd-flush-after-each-section": true}}
 * </pre>
 *
 * <p>All but the version may be missing. Members that this version does not know are kept as they are when the facts
 * are written again.
 */
public final class CheckpointFacts {
    /**
     * More would not be exact in every reader of JSON; a store that gets an order each millisecond is there in 140,000
     * years.
     */
    public static final long MAX_ORDER = 1L << 52;

    /** A sidecar may have no more: the images that come afterwards need higher ones. Nobody has counted that far. */
    public static final long MAX_KNOWN_ORDER = MAX_ORDER - (1L << 32);

    /** As TLS lets them through ({@code io.pageferry.net}); distinguished names have some 100. */
    public static final int MAX_OWNER_LENGTH = 4096;

    /** Of a checkpoint of which no more is known. */
    public static final CheckpointFacts NONE =
            new CheckpointFacts(JsonMapper.shared().createObjectNode());

    /** libvirt lets them be as long as a file's. */
    public static final int MAX_NAME_LENGTH = 255;

    private static final int VERSION = 1;
    private static final String VERSION_MEMBER = "version";
    private static final String ORDER = "order";
    private static final String GUEST = "uuid";
    private static final String NAME = "name";
    private static final String OWNER = "owner";
    private static final String COMPLETED = "completed";
    private static final String NAMED = "named";
    private static final String DIALECT = "dialect";

    private static final Pattern UUID_FORM = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

    /** QEMU has a fifth of this. */
    private static final int MAX_DIALECT_MEMBERS = 30;

    private final ObjectNode members;

    private CheckpointFacts(ObjectNode members) {
        this.members = members;
    }

    /** Those of a guest that begins to come. */
    public static CheckpointFacts of(Optional<UUID> guest, Optional<String> owner) {
        return NONE.with(GUEST, guest.map(UUID::toString)).withOwner(owner);
    }

    /**
     * Reads a sidecar's content.
     *
     * @throws CheckpointException where it is none of this version
     */
    public static CheckpointFacts parse(byte[] json) throws CheckpointException {
        JsonNode root;
        try {
            root = JsonMapper.shared().readTree(json);
        } catch (JacksonException e) {
            // Without the parser's words, which have parts of the text: it may be of any file.
            throw new CheckpointException("image's facts must be JSON");
        }
        if (!(root instanceof ObjectNode members)) {
            throw new CheckpointException("image's facts must be a JSON object");
        }
        if (!members.path(VERSION_MEMBER).isInt()
                || members.path(VERSION_MEMBER).asInt() != VERSION) {
            throw new CheckpointException("image's facts must be of version " + VERSION + ": version="
                    + members.path(VERSION_MEMBER).toString());
        }
        members.remove(VERSION_MEMBER);
        CheckpointFacts facts = new CheckpointFacts(members);
        facts.requireValid();
        facts.order().ifPresent(order -> members.put(ORDER, order)); // a long, however short it was written
        return facts;
    }

    /** Once, here: whoever has facts can rely on them. */
    private void requireValid() throws CheckpointException {
        JsonNode order = members.path(ORDER);
        require(order.isMissingNode() || order.canConvertToLong() && isKnownOrder(order.asLong()), ORDER);
        JsonNode owner = members.path(OWNER);
        require(owner.isMissingNode() || owner.isString() && isOwner(owner.asString()), OWNER);
        JsonNode name = members.path(NAME);
        require(name.isMissingNode() || name.isString() && isName(name.asString()), NAME);
        require(members.path(NAMED).isMissingNode() || members.path(NAMED).isBoolean(), NAMED);
        require(isUuidOrMissing(members.path(GUEST)), GUEST);
        require(isTimeOrMissing(members.path(COMPLETED)), COMPLETED);
        require(isDialectOrMissing(members.path(DIALECT)), DIALECT);
    }

    private static boolean isKnownOrder(long order) {
        return order > 0 && order <= MAX_KNOWN_ORDER;
    }

    private static boolean isOrder(long order) {
        return order > 0 && order <= MAX_ORDER;
    }

    /** Whether it can be an owner's name. */
    public static boolean isOwner(String owner) {
        return !owner.isEmpty() && owner.length() <= MAX_OWNER_LENGTH;
    }

    /** Whether it can be a guest's name: one line, and nothing that a uuid or an image's name could be. */
    public static boolean isName(String name) {
        return !name.isBlank()
                && name.length() <= MAX_NAME_LENGTH
                && name.chars().noneMatch(character -> Character.isISOControl(character) || character == '/')
                && !UUID_FORM.matcher(name).matches();
    }

    private static boolean isUuidOrMissing(JsonNode text) {
        try {
            return text.isMissingNode()
                    || text.isString()
                            && UUID.fromString(text.asString()).toString().equals(text.asString());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean isTimeOrMissing(JsonNode text) {
        try {
            return text.isMissingNode() || text.isString() && Instant.parse(text.asString()) != null;
        } catch (DateTimeException e) {
            return false;
        }
    }

    private static boolean isDialectOrMissing(JsonNode node) {
        return node.isMissingNode()
                || node.isObject()
                        && node.size() <= MAX_DIALECT_MEMBERS
                        && Arrays.stream(WireProperty.values())
                                .map(property -> node.path(property.qemuName()))
                                .allMatch(value -> value.isMissingNode() || value.isBoolean());
    }

    private void require(boolean valid, String member) throws CheckpointException {
        if (!valid) {
            String value = members.path(member).toString();
            throw new CheckpointException("image's facts must have a valid " + member + ": value="
                    + value.substring(0, Math.min(value.length(), 100)));
        }
    }

    /** Which one of its store it was to be completed: higher is later. */
    public OptionalLong order() {
        return members.has(ORDER) ? OptionalLong.of(members.path(ORDER).asLong()) : OptionalLong.empty();
    }

    /** The guest's uuid, as its channels or its main stream said it. */
    public Optional<UUID> guest() {
        return text(GUEST).map(UUID::fromString);
    }

    /** What an operator calls the guest. */
    public Optional<String> guestName() {
        return text(NAME);
    }

    /** Who sent it, proved under TLS: a certificate's distinguished name, or a pre-shared key's user. */
    public Optional<String> owner() {
        return text(OWNER);
    }

    /** When it was complete, by the wall clock. */
    public Optional<Instant> completed() {
        return text(COMPLETED).map(Instant::parse);
    }

    /** Whether an operator chose its name. */
    public boolean isNamed() {
        return members.path(NAMED).asBoolean(false);
    }

    /** How its source spoke, as far as its stream has shown that. */
    public Dialect dialect() {
        Dialect dialect = Dialect.UNKNOWN;
        for (WireProperty property : WireProperty.values()) {
            JsonNode on = members.path(DIALECT).path(property.qemuName());
            dialect = on.isBoolean() ? dialect.with(property, on.booleanValue()) : dialect;
        }
        return dialect;
    }

    public CheckpointFacts withOrder(long order) {
        if (!isOrder(order)) {
            throw new IllegalArgumentException("order must be 1 to " + MAX_ORDER + ": order=" + order);
        }
        ObjectNode changed = members.deepCopy();
        return new CheckpointFacts(changed.put(ORDER, order));
    }

    /** The same of another owner, or of none. */
    public CheckpointFacts withOwner(Optional<String> owner) {
        if (owner.isPresent() && !isOwner(owner.get())) {
            throw new IllegalArgumentException("owner's name must have 1 to " + MAX_OWNER_LENGTH
                    + " characters: length=" + owner.get().length());
        }
        return with(OWNER, owner);
    }

    /** The same with a name of the guest's, or with none. */
    public CheckpointFacts withGuestName(Optional<String> name) {
        if (name.isPresent() && !isName(name.get())) {
            throw new IllegalArgumentException("guest's name must be one line of 1 to " + MAX_NAME_LENGTH
                    + " characters, without '/', and no uuid: length="
                    + name.get().length());
        }
        return with(NAME, name);
    }

    public CheckpointFacts withCompleted(Instant completed) {
        return with(COMPLETED, Optional.of(completed.toString()));
    }

    public CheckpointFacts withNamed(boolean named) {
        ObjectNode changed = members.deepCopy();
        changed.remove(NAMED);
        return new CheckpointFacts(named ? changed.put(NAMED, true) : changed);
    }

    public CheckpointFacts withDialect(Dialect dialect) {
        ObjectNode changed = members.deepCopy();
        changed.remove(DIALECT);
        if (!dialect.isUnknown()) {
            dialect.byName().forEach(changed.putObject(DIALECT)::put);
        }
        return new CheckpointFacts(changed);
    }

    private CheckpointFacts with(String member, Optional<String> value) {
        ObjectNode changed = members.deepCopy();
        changed.remove(member);
        value.ifPresent(text -> changed.put(member, text));
        return new CheckpointFacts(changed);
    }

    private Optional<String> text(String member) {
        return members.path(member).stringValueOpt();
    }

    /** As it is written to a sidecar. */
    public byte[] toJson() {
        ObjectNode all = JsonMapper.shared().createObjectNode().put(VERSION_MEMBER, VERSION);
        all.setAll(members);
        return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsBytes(all);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CheckpointFacts facts && members.equals(facts.members);
    }

    @Override
    public int hashCode() {
        return members.hashCode();
    }

    @Override
    public String toString() {
        return members.toString();
    }
}
