package io.pageferry.stream;

import io.pageferry.stream.VmDescription.Device;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads a vmdescription token by token, and keeps of it what {@link VmDescription} has: nothing is made of the rest,
 * however much there is. What is not there, or is of another kind than it should be, reads as nothing. Used once, by
 * one thread.
 *
 * <p>Its limits, beside that of its length, are those of the fields here. No name that comes is remembered, as Jackson
 * else does to compare them faster: a hostile description has as many as it has room for.
 */
final class VmDescriptionReader {
    /**
     * A machine of 4096 processors and a thousand other devices has some 15,000 sections. Each one takes up to 500
     * bytes here.
     */
    static final int MAX_DEVICES = 1 << 16;

    /** Tokens, names included. Real descriptions have one in 7 bytes, so that one of 64 MiB would have 10 million. */
    static final int MAX_TOKENS = (64 << 20) / 4;

    /**
     * Real ones are 14 deep: structures in arrays of structures, in subsections. The reader's own calls nest half as
     * deep at the most.
     */
    static final int MAX_DEPTH = 64;

    /** As on the wire, where one byte has its length. */
    static final int MAX_NAME_BYTES = 255;

    /** Digits of a 64-bit number and its sign; any longer one is none that is used here. */
    private static final int MAX_NUMBER_CHARACTERS = 20;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxTokenCount(MAX_TOKENS)
                    .build())
            .build();

    private final JsonParser parser;
    private final List<Device> devices = new ArrayList<>();
    private boolean hasDevices;

    private VmDescriptionReader(JsonParser parser) {
        this.parser = parser;
    }

    /** What is summed up of a device, or of a subsection. */
    private static final class Description {
        private String name = "";
        private String vmsdName = "";
        private long instanceId;
        private long versionId;
        private int fields;
        private long fieldBytes;
        private long subsectionBytes;

        long stateBytes() {
            return fieldBytes + subsectionBytes;
        }
    }

    /**
     * Reads a description.
     *
     * @return nothing where the bytes are not one, whole
     * @throws StreamException where they are more than any machine's would be
     */
    static Optional<VmDescription> read(byte[] bytes, int offset, int length) throws StreamException {
        // Its encoding is said, and not left to Jackson to find out: another could have bytes of 0 in it.
        Reader characters =
                new InputStreamReader(new ByteArrayInputStream(bytes, offset, length), StandardCharsets.UTF_8);
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), characters)) {
            VmDescriptionReader reader = new VmDescriptionReader(parser);
            return reader.isWhole() ? Optional.of(new VmDescription(List.copyOf(reader.devices))) : Optional.empty();
        } catch (StreamConstraintsException e) {
            throw new StreamException("vmdescription must be " + MAX_TOKENS + " tokens at the most, " + MAX_DEPTH
                    + " deep: length=" + length + " reason=\"" + e.getOriginalMessage() + "\"");
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    private boolean isWhole() throws StreamException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            return false;
        }
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            boolean isDevices = parser.currentName().equals("devices");
            JsonToken value = parser.nextToken();
            if (isDevices) {
                hasDevices = value == JsonToken.START_ARRAY;
                devices.clear();
            }
            if (isDevices && hasDevices) {
                readDevices();
            } else {
                parser.skipChildren();
            }
        }
        return parser.nextToken() == null && hasDevices;
    }

    private void readDevices() throws StreamException {
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (devices.size() == MAX_DEVICES) {
                throw new StreamException("vmdescription must have " + MAX_DEVICES + " devices at the most: position="
                        + parser.currentLocation().getCharOffset());
            }
            Description device = readDescription();
            devices.add(
                    new Device(device.name, device.instanceId, device.versionId, device.fields, device.stateBytes()));
        }
    }

    /** The value whose first token is the current one. */
    private Description readDescription() throws StreamException {
        Description description = new Description();
        if (!parser.isExpectedStartObjectToken()) {
            parser.skipChildren();
            return description;
        }
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String member = parser.currentName();
            parser.nextToken();
            switch (member) {
                case "name" -> description.name = name();
                case "vmsd_name" -> description.vmsdName = name();
                case "instance_id" -> description.instanceId = number(0);
                case "version" -> description.versionId = number(0);
                case "fields" -> readFields(description);
                case "subsections" -> readSubsections(description);
                default -> parser.skipChildren();
            }
        }
        return description;
    }

    /** What a field has is said with all that is nested in it. */
    private void readFields(Description description) {
        description.fields = 0;
        description.fieldBytes = 0;
        if (!parser.isExpectedStartArrayToken()) {
            parser.skipChildren();
            return;
        }
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            description.fields++;
            description.fieldBytes += fieldBytes();
        }
    }

    private long fieldBytes() {
        if (!parser.isExpectedStartObjectToken()) {
            parser.skipChildren();
            return 0;
        }
        long size = 0;
        long elements = 1;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String member = parser.currentName();
            parser.nextToken();
            switch (member) {
                case "size" -> size = number(0);
                case "array_len" -> elements = number(1);
                default -> parser.skipChildren();
            }
        }
        return size * elements;
    }

    /** What a subsection has comes behind the fields. */
    private void readSubsections(Description description) throws StreamException {
        description.subsectionBytes = 0;
        if (!parser.isExpectedStartArrayToken()) {
            parser.skipChildren();
            return;
        }
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            Description subsection = readDescription();
            description.subsectionBytes +=
                    VmDescription.SUBSECTION_START_BYTES + subsection.vmsdName.length() + subsection.stateBytes();
        }
    }

    private String name() throws StreamException {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            parser.skipChildren();
            return "";
        }
        int length = parser.getStringLength();
        if (length > MAX_NAME_BYTES) {
            throw new StreamException("vmdescription's names must be " + MAX_NAME_BYTES
                    + " characters at the most: length=" + length + " position="
                    + parser.currentLocation().getCharOffset());
        }
        return parser.getString();
    }

    private long number(long otherwise) {
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
            parser.skipChildren();
            return otherwise;
        }
        if (parser.getStringLength() > MAX_NUMBER_CHARACTERS) {
            return otherwise;
        }
        return switch (parser.getNumberType()) {
            case INT, LONG -> parser.getLongValue();
            default -> otherwise;
        };
    }
}
