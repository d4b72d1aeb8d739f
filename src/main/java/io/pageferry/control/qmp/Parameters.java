package io.pageferry.control.qmp;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MultifdCompression;
import io.pageferry.config.TlsSettings;
import io.pageferry.config.ZeroPageDetection;
import java.math.BigInteger;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An endpoint's migration parameters: all that QEMU 10.0 has, in the order of its schema, with its defaults, and then
 * ours. One thread's.
 */
final class Parameters {
    private static final String CHANNELS = "multifd-channels";
    private static final String COMPRESSION = "multifd-compression";
    private static final String ZLIB_LEVEL = "multifd-zlib-level";
    private static final String QATZIP_LEVEL = "multifd-qatzip-level";
    private static final String ZSTD_LEVEL = "multifd-zstd-level";
    static final String MAX_BANDWIDTH = "max-bandwidth";
    private static final String DOWNTIME_LIMIT = "downtime-limit";
    private static final String ZERO_PAGE_DETECTION = "zero-page-detection";
    private static final String DIRECT_IO = "direct-io";
    private static final String TLS_CREDS = "tls-creds";
    private static final String TLS_HOSTNAME = "tls-hostname";
    private static final String IMAGE = "x-image";
    private static final String OWNER = "x-owner";
    private static final String GUEST = "x-uuid";
    private static final String FLUSH_AFTER_EACH_SECTION = "x-multifd-flush-after-each-section";
    private static final String UADK_RAW = "x-multifd-uadk-raw";
    private static final String BLOCK_BITMAP_MAPPING = "block-bitmap-mapping";

    private static final String ANNOUNCE_RANGE = "a value between 0 and 100000";
    private static final String PERCENT_RANGE = "an integer in the range of 1 to 99";

    private static final List<Parameter> ALL = List.of(
            Parameter.number("announce-initial", 64, 50, 0, 100_000, ANNOUNCE_RANGE),
            Parameter.number("announce-max", 64, 550, 0, 100_000, ANNOUNCE_RANGE),
            Parameter.number("announce-rounds", 64, 5, 0, 1000, "a value between 0 and 1000"),
            Parameter.number("announce-step", 64, 100, 1, 10_000, "a value between 0 and 10000"),
            Parameter.number("throttle-trigger-threshold", 8, 50, 1, 100, "an integer in the range of 1 to 100"),
            Parameter.number("cpu-throttle-initial", 8, 20, 1, 99, PERCENT_RANGE),
            Parameter.number("cpu-throttle-increment", 8, 10, 1, 99, PERCENT_RANGE),
            Parameter.flag("cpu-throttle-tailslow"),
            Parameter.text(TLS_CREDS).canBeSet(),
            Parameter.text(TLS_HOSTNAME).canBeSet(),
            Parameter.text("tls-authz"),
            Parameter.size(MAX_BANDWIDTH, 128L << 20).canBeSet(),
            Parameter.size("avail-switchover-bandwidth", 0),
            Parameter.number(DOWNTIME_LIMIT, 64, 300, 0, 2_000_000, "an integer in the range of 0 to (2000 * 1000) ms")
                    .canBeSet(),
            Parameter.number("x-checkpoint-delay", 32, 20_000, 0, 0xffff_ffffL, ""),
            Parameter.number(CHANNELS, 8, 2, 1, 255, "a value between 1 and 255")
                    .canBeSet(),
            Parameter.size("xbzrle-cache-size", 64L << 20),
            Parameter.size("max-postcopy-bandwidth", 0),
            Parameter.number(
                    "max-cpu-throttle", 8, 99, 20, 99, "an integer in the range of cpu_throttle_initial to 99"),
            Parameter.word(COMPRESSION, "none", "none", "zlib", "zstd", "qatzip", "qpl", "uadk")
                    .canBeSet(),
            Parameter.number(ZLIB_LEVEL, 8, 1, 0, 9, "a value between 0 and 9").canBeSet(),
            Parameter.number(QATZIP_LEVEL, 8, 1, 1, 9, "a value between 1 and 9")
                    .canBeSet(),
            Parameter.number(ZSTD_LEVEL, 8, 1, 0, 20, "a value between 0 and 20")
                    .canBeSet(),
            Parameter.number("x-vcpu-dirty-limit-period", 64, 1000, 1, 1000, "a value between 1 and 1000"),
            Parameter.size("vcpu-dirty-limit", 1),
            Parameter.word("mode", "normal", "normal", "cpr-reboot", "cpr-transfer"),
            Parameter.word(ZERO_PAGE_DETECTION, "multifd", "none", "legacy", "multifd")
                    .canBeSet(),
            Parameter.flag(DIRECT_IO).canBeSet(),
            Parameter.text(IMAGE).canBeSet(),
            Parameter.text(OWNER).canBeSet(),
            Parameter.text(GUEST).canBeSet(),
            Parameter.flag(UADK_RAW).canBeSet(),
            Parameter.word(FLUSH_AFTER_EACH_SECTION, "auto", "auto", "on", "off")
                    .canBeSet());

    /** Those that were set. */
    private Map<String, JsonNode> values = Map.of();

    /** {@code query-migrate-parameters}. */
    ObjectNode list() {
        ObjectNode list = QmpJson.object();
        ALL.forEach(parameter -> list.set(parameter.name(), value(parameter)));
        return list;
    }

    /**
     * {@code migrate-set-parameters}: all of them or none.
     *
     * @param changeable what may still be set, by name; empty: all, as no migration runs, which would know its
     *     parameters already
     * @return whether one of those was set
     */
    boolean set(Arguments arguments, Optional<Set<String>> changeable) throws QmpException {
        Map<String, JsonNode> wanted = new LinkedHashMap<>();
        for (Parameter parameter : ALL) {
            if (arguments.has(parameter.name())) {
                wanted.put(parameter.name(), parameter.read(arguments));
            }
        }
        boolean mapping = arguments.has(BLOCK_BITMAP_MAPPING);
        arguments.end();
        for (Map.Entry<String, JsonNode> one : wanted.entrySet()) {
            parameter(one.getKey()).require(one.getValue());
        }
        if (mapping) {
            throw new QmpException("Parameter 'block-bitmap-mapping' is not supported by pageferry");
        }
        guest(wanted);
        if (changeable.isPresent() && !changeable.get().containsAll(wanted.keySet())) {
            throw new QmpException(Endpoint.IN_PROGRESS);
        }
        Map<String, JsonNode> next = new HashMap<>(values);
        next.putAll(wanted);
        values = Map.copyOf(next);
        return changeable.isPresent() && !wanted.isEmpty();
    }

    /** Bytes a second; 0 for no limit. */
    long maxBandwidth() {
        BigInteger bandwidth = number(MAX_BANDWIDTH);
        // More than anything can be sent is as good as no limit, which is 0 in QEMU too.
        return bandwidth.bitLength() < Long.SIZE ? bandwidth.longValue() : 0;
    }

    /** Whose image is to be sent, where that was set. */
    Optional<String> owner() {
        return text(values, OWNER);
    }

    /** The image's name, where one was set. */
    Optional<String> image() {
        return text(values, IMAGE);
    }

    /** The guest's uuid, where one was set. */
    Optional<UUID> guest() {
        try {
            return guest(values);
        } catch (QmpException e) {
            throw new IllegalStateException(e); // it was read once before it was set
        }
    }

    /** Whether connections are to be under TLS. */
    boolean isTls() {
        return text(values, TLS_CREDS).isPresent();
    }

    /** Whether page data is compressed on the wire. */
    boolean isCompressed() {
        return !word(COMPRESSION).equals("NONE");
    }

    /** Whether the number of channels was set: then a source must have just so many. */
    boolean hasChannels() {
        return values.containsKey(CHANNELS);
    }

    long downtimeLimitMillis() {
        return number(DOWNTIME_LIMIT).longValue();
    }

    /** What of it a migration has to know. */
    void addTo(MigrationParameters.Builder parameters, Map<String, TlsSettings> credentials) throws QmpException {
        parameters
                .multifdChannels(number(CHANNELS).intValue())
                .compression(MultifdCompression.valueOf(word(COMPRESSION)))
                .zlibLevel(number(ZLIB_LEVEL).intValue())
                .zstdLevel(number(ZSTD_LEVEL).intValue())
                .qatzipLevel(number(QATZIP_LEVEL).intValue())
                .uadkRaw(value(parameter(UADK_RAW)).booleanValue())
                .maxBandwidth(maxBandwidth())
                .downtimeLimit(Duration.ofMillis(downtimeLimitMillis()))
                .directIo(value(parameter(DIRECT_IO)).booleanValue());
        Optional<String> name = text(values, TLS_CREDS);
        if (name.isPresent()) {
            if (!credentials.containsKey(name.get())) {
                throw new QmpException("No TLS credentials with id '" + name.get() + "'");
            }
            TlsSettings tls = credentials.get(name.get());
            parameters.tls(text(values, TLS_HOSTNAME).map(tls::withHostname).orElse(tls));
        }
        if (values.containsKey(ZERO_PAGE_DETECTION)) { // else it is as the machine type has it, in QEMU too
            parameters.zeroPageDetection(ZeroPageDetection.valueOf(word(ZERO_PAGE_DETECTION)));
        }
        String flush = word(FLUSH_AFTER_EACH_SECTION);
        parameters.flushAfterEachSection(flush.equals("AUTO") ? null : (Boolean) flush.equals("ON"));
    }

    private JsonNode value(Parameter parameter) {
        return values.getOrDefault(parameter.name(), parameter.initial());
    }

    private BigInteger number(String name) {
        return value(parameter(name)).bigIntegerValue();
    }

    private String word(String name) {
        return value(parameter(name)).stringValue().toUpperCase(Locale.ROOT);
    }

    private static Parameter parameter(String name) {
        return ALL.stream()
                .filter(parameter -> parameter.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Optional<String> text(Map<String, JsonNode> values, String name) {
        return Optional.ofNullable(values.get(name)).map(JsonNode::stringValue).filter(text -> !text.isEmpty());
    }

    private static Optional<UUID> guest(Map<String, JsonNode> values) throws QmpException {
        Optional<String> text = text(values, GUEST);
        if (text.isPresent() && !text.get().matches("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}")) {
            throw new QmpException("Parameter 'x-uuid' expects a uuid");
        }
        return text.map(UUID::fromString);
    }
}
