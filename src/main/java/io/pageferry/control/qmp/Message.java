package io.pageferry.control.qmp;

import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * What is written to a client in one line.
 *
 * @param pieces its bytes in order, each piece made when it is asked for; the writing thread's
 * @param waitingBytes what it counts for as long as it waits to be written
 */
record Message(Iterator<byte[]> pieces, int waitingBytes) {
    private static final byte[] LIST = ascii("{\"return\": [");
    private static final byte[] SEPARATOR = ascii(", ");
    private static final byte[] LIST_END = ascii("]");
    private static final byte[] ID = ascii(", \"id\": ");
    private static final byte[] END = ascii("}\r\n");

    static Message of(JsonNode json) {
        byte[] line = QmpJson.line(json);
        return new Message(List.of(line).iterator(), line.length);
    }

    /** A list that a command returns. It counts as more than may wait, so that it is waited for. */
    static Message list(Iterator<? extends JsonNode> elements, Optional<JsonNode> id) {
        return new Message(new ListPieces(elements, id), Outbox.MAX_ANSWER_BYTES + 1);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** The beginning, the elements with what is between them, the end. */
    private static final class ListPieces implements Iterator<byte[]> {
        private final Iterator<? extends JsonNode> elements;
        private final Optional<JsonNode> id;
        private boolean begun;
        private boolean separated = true;
        private boolean ended;

        ListPieces(Iterator<? extends JsonNode> elements, Optional<JsonNode> id) {
            this.elements = elements;
            this.id = id;
        }

        @Override
        public boolean hasNext() {
            return !ended;
        }

        @Override
        public byte[] next() {
            if (!begun) {
                begun = true;
                return LIST;
            }
            if (!elements.hasNext()) {
                ended = true;
                return end();
            }
            if (!separated) {
                separated = true;
                return SEPARATOR;
            }
            separated = false;
            return QmpJson.bytes(elements.next());
        }

        private byte[] end() {
            byte[] idBytes = id.map(QmpJson::bytes).orElse(new byte[0]);
            byte[] name = id.isPresent() ? ID : new byte[0];
            byte[] end = new byte[LIST_END.length + name.length + idBytes.length + END.length];
            int at = 0;
            for (byte[] part : List.of(LIST_END, name, idBytes, END)) {
                System.arraycopy(part, 0, end, at, part.length);
                at += part.length;
            }
            return end;
        }
    }
}
