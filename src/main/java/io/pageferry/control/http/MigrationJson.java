package io.pageferry.control.http;

import io.pageferry.control.MigrationInfoJson;
import io.pageferry.control.qmp.ImageSummary;
import io.pageferry.metrics.Latencies;
import io.pageferry.metrics.PrecopyStatus;
import io.pageferry.session.MigrationProgress;
import io.pageferry.session.info.MigrationInfo;
import io.pageferry.session.registry.MigrationEntry;
import io.pageferry.session.registry.MigrationSubject;
import io.pageferry.session.registry.MigrationSubject.Direction;
import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Migrations and images as JSON. What {@code query-migrate} has stands under QEMU's names, in its units. Stateless: any
 * thread.
 */
final class MigrationJson {
    /** A curve's points: closer to each other the nearer they are to the end, as the axis is. */
    private static final double[] PERCENTILES = {
        0, 25, 50, 75, 90, 95, 97.5, 99, 99.5, 99.75, 99.9, 99.95, 99.975, 99.99, 100
    };

    private MigrationJson() {}

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** A migration without its latencies. */
    static ObjectNode of(MigrationEntry entry) {
        MigrationProgress progress = entry.progress();
        MigrationSubject subject = entry.subject();
        ObjectNode json = object();
        json.put("id", entry.id());
        json.put("direction", subject.direction().label());
        json.put("uuid", subject.guest().map(UUID::toString).orElse(null));
        json.put("peer", subject.peer());
        json.put("image", subject.image().map(MigrationJson::nameOf).orElse(null));
        json.put("started", entry.started().toString());
        json.put("ended", entry.ended().map(Object::toString).orElse(null));
        json.put("status", progress.status().qemuName());
        MigrationInfo info = MigrationInfo.of(progress);
        MigrationInfoJson.addTimes(info, json);
        MigrationInfoJson.addRam(info, json);
        MigrationInfoJson.addChannels(info, json);
        // A destination cannot know how many pages a round will have.
        json.put("round-known", subject.direction() == Direction.OUTGOING);
        PrecopyStatus precopy = progress.stats().precopy();
        if (precopy != null) {
            json.put("expected-downtime", TimeUnit.NANOSECONDS.toMillis(precopy.expectedDowntimeNanos()));
            json.put("converges", precopy.converges());
        }
        progress.failure().ifPresent(failure -> json.put("error-desc", describe(failure)));
        return json;
    }

    /** The guest's folder and the file: where the store is is nobody's business. */
    private static String nameOf(String image) {
        int folderEnd = image.lastIndexOf('/');
        return image.substring(image.lastIndexOf('/', folderEnd - 1) + 1);
    }

    private static String describe(Throwable failure) {
        return failure instanceof IOException ? failure.getMessage() : "internal error, see the log";
    }

    /** {@code percentiles} has pairs: a percentile and its nanoseconds. */
    static void addLatencies(ObjectNode json, Latencies latencies) {
        ObjectNode kinds = json.putObject("latencies-ns");
        for (Latencies.Kind kind : Latencies.Kind.values()) {
            Histogram histogram = latencies.histogram(kind);
            ObjectNode node = kinds.putObject(kind.label());
            node.put("count", histogram.getTotalCount());
            ArrayNode points = node.putArray("percentiles");
            for (double percentile : PERCENTILES) {
                points.addArray().add(percentile).add(histogram.getValueAtPercentile(percentile));
            }
        }
    }

    static ObjectNode of(ImageSummary image) {
        ObjectNode json = object();
        json.put("name", image.name());
        json.put("size", image.sizeBytes());
        json.put("begun", image.begun().toString());
        json.put("uuid", image.guest().map(UUID::toString).orElse(null));
        json.put("guest-name", image.guestName().orElse(null));
        json.put("owner", image.owner().orElse(null));
        json.put("machine", image.machine().orElse(null));
        json.put("state", image.state());
        return json;
    }
}
