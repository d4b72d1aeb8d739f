package io.pageferry.cli;

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

    /** Prints one object on one line of stdout, in UTF-8 whatever the locale. */
    static void print(ObjectNode object) {
        System.out.writeBytes(MAPPER.writeValueAsBytes(object));
        System.out.println();
    }
}
