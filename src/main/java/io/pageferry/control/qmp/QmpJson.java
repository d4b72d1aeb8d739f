package io.pageferry.control.qmp;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.core.util.MinimalPrettyPrinter;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes messages as QEMU does: one a line, in ASCII, with a blank after each colon and comma, as scripts without a
 * JSON parser look for them.
 */
final class QmpJson {
    private static final byte[] LINE_END = "\r\n".getBytes(StandardCharsets.US_ASCII);

    private static final String VERSION = Optional.ofNullable(
                    QmpJson.class.getPackage().getImplementationVersion())
            .orElse("(not packaged)");

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                    .streamWriteConstraints(StreamWriteConstraints.builder()
                            // An id is sent back as it came, inside of one object more.
                            .maxNestingDepth(MessageReader.MAX_NESTING + 1)
                            .build())
                    .build())
            .build();

    private static final ObjectWriter WRITER = MAPPER.writer().with(new MinimalPrettyPrinter() {
        private static final long serialVersionUID = 1L;

        @Override
        public void writeObjectNameValueSeparator(JsonGenerator generator) {
            generator.writeRaw(": ");
        }

        @Override
        public void writeObjectEntrySeparator(JsonGenerator generator) {
            generator.writeRaw(", ");
        }

        @Override
        public void writeArrayValueSeparator(JsonGenerator generator) {
            generator.writeRaw(", ");
        }
    });

    private QmpJson() {}

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static ArrayNode array() {
        return MAPPER.createArrayNode();
    }

    /** QEMU's version whose commands these are, and ours as the package. */
    static ObjectNode version() {
        ObjectNode version = object();
        version.putObject("qemu").put("micro", 0).put("minor", 0).put("major", 10);
        return version.put("package", "pageferry " + VERSION);
    }

    /** An event of this moment. */
    static ObjectNode event(String name, ObjectNode data) {
        Instant now = Instant.now();
        ObjectNode event = object();
        event.putObject("timestamp").put("seconds", now.getEpochSecond()).put("microseconds", now.getNano() / 1000);
        event.put("event", name);
        event.set("data", data);
        return event;
    }

    /** What refuses a command. */
    static ObjectNode error(QmpException refusal) {
        ObjectNode answer = object();
        answer.putObject("error").put("class", refusal.errorClass().qemuName()).put("desc", refusal.getMessage());
        return answer;
    }

    /** A part of a message. */
    static byte[] bytes(JsonNode part) {
        return WRITER.writeValueAsBytes(part);
    }

    /** One message with the end of its line. */
    static byte[] line(JsonNode message) {
        byte[] text = bytes(message);
        byte[] line = new byte[text.length + LINE_END.length];
        System.arraycopy(text, 0, line, 0, text.length);
        System.arraycopy(LINE_END, 0, line, text.length, LINE_END.length);
        return line;
    }
}
