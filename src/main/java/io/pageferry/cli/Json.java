package io.pageferry.cli;

import java.io.PrintStream;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Writes results for scripts. */
final class Json {
    private static final ObjectMapper MAPPER = JsonMapper.builder().build();

    private Json() {}

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    /** Prints one object on one line, in UTF-8 whatever the locale. */
    static void print(ObjectNode object, PrintStream out) {
        out.writeBytes(MAPPER.writeValueAsBytes(object));
        out.println();
    }
}
