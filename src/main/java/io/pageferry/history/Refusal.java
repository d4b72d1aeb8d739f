package io.pageferry.history;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Somebody who was refused.
 *
 * @param time by the wall clock
 * @param peer whose address, or host; empty where that is not known
 * @param uuid the guest's, where it was said
 * @param reason one of a few words of the code's own, which it is counted under
 * @param message the line of the log
 */
public record Refusal(Instant time, String peer, Optional<UUID> uuid, String reason, String message) {
    private static final int MAX_TEXT = 4096;

    public Refusal {
        peer = cut(peer);
        reason = cut(reason);
        message = cut(message);
    }

    private static String cut(String text) {
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT);
    }

    public ObjectNode toJson() {
        ObjectNode json = JsonMapper.shared().createObjectNode();
        json.put("time", time.toString()).put("peer", peer);
        uuid.ifPresentOrElse(known -> json.put("uuid", known.toString()), () -> json.putNull("uuid"));
        return json.put("reason", reason).put("message", message);
    }

    /** Reads one that was {@linkplain #toJson written}; empty where it is none. */
    static Optional<Refusal> of(JsonNode json) {
        try {
            JsonNode uuid = json.path("uuid");
            return Optional.of(new Refusal(
                    Instant.parse(json.path("time").asString("")),
                    text(json, "peer"),
                    uuid.isString() ? Optional.of(UUID.fromString(uuid.asString())) : Optional.empty(),
                    text(json, "reason"),
                    text(json, "message")));
        } catch (DateTimeException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String text(JsonNode json, String member) {
        JsonNode value = json.path(member);
        if (!value.isString()) {
            throw new IllegalArgumentException("refusal must have a text: member=" + member);
        }
        return value.asString();
    }
}
