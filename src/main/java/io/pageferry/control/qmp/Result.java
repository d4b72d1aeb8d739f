package io.pageferry.control.qmp;

import java.util.Iterator;
import tools.jackson.databind.JsonNode;

/** What a command returns. */
sealed interface Result {
    /** A value that is not long. */
    record Value(JsonNode json) implements Result {}

    /** A list that may be: each element is made when it is written, on the thread that writes. */
    record Elements(Iterator<? extends JsonNode> each) implements Result {}

    /** Nothing, which is an empty object. */
    static Result nothing() {
        return new Value(QmpJson.object());
    }
}
