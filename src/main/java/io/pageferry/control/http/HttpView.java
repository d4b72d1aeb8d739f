package io.pageferry.control.http;

import io.pageferry.control.qmp.ImageSummary;
import io.pageferry.metrics.RefusalCounters;
import io.pageferry.session.Migrations;
import java.util.List;
import java.util.function.Supplier;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is looked at over HTTP. For any thread.
 *
 * @param images those of the store, in its order
 * @param refusals how many were refused
 */
public record HttpView(Migrations migrations, Supplier<List<ImageSummary>> images, RefusalCounters refusals) {
    ObjectNode toJson() {
        ObjectNode json = MigrationJson.object();
        json.set("migrations", migrationsToJson());
        json.set("images", imagesToJson());
        return json;
    }

    ArrayNode migrationsToJson() {
        ArrayNode list = MigrationJson.object().arrayNode();
        migrations.list().forEach(entry -> list.add(MigrationJson.of(entry)));
        return list;
    }

    ArrayNode imagesToJson() {
        ArrayNode list = MigrationJson.object().arrayNode();
        images.get().forEach(image -> list.add(MigrationJson.of(image)));
        return list;
    }
}
