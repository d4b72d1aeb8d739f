package io.pageferry.control.http;

import io.pageferry.control.qmp.ImageList;
import io.pageferry.history.Refusal;
import io.pageferry.history.RefusalHistory;
import io.pageferry.metrics.RefusalCounters;
import io.pageferry.session.registry.MigrationEntry;
import io.pageferry.session.registry.Migrations;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is looked at over HTTP. For any thread.
 *
 * @param images those of the store
 * @param store how that is
 * @param refusals how many were refused
 * @param refused who was, the last ones
 */
public record HttpView(
        Migrations migrations, ImageList images, StoreFigures store, RefusalCounters refusals, RefusalHistory refused) {
    /**
     * Of single migrations so many are told of where all of them could be too much: the newest, those that run first.
     */
    static final int MAX_MIGRATIONS = 100;

    /** So many images watchers are sent, some 250 bytes each. */
    static final int MAX_IMAGES = 200;

    /** The member of what watchers are sent that has the images. */
    static final String IMAGES = "images";

    /** So many of the newest images at once: they are in memory then. */
    static final int MAX_NEWEST = 1000;

    /** So many channels, some 90 bytes each: those of all migrations, where they have 16 or 40 each. */
    static final int MAX_CHANNELS = 4096;

    /** What watchers are sent: no more than so many of each kind, and how many there are. */
    ObjectNode toJson() {
        ObjectNode json = MigrationJson.object();
        List<MigrationEntry> all = migrations.list();
        ArrayNode list = json.putArray("migrations");
        int channels = MAX_CHANNELS;
        for (MigrationEntry entry : newest(all)) {
            ObjectNode one = MigrationJson.of(entry);
            int count = one.path("channels").size();
            if (count > channels) {
                one.putArray("channels");
                count = 0;
            }
            channels -= count;
            list.add(one);
        }
        json.put("migrations-total", all.size());
        json.put("migrations-running", migrations.running());
        ArrayNode some = json.putArray(IMAGES);
        images.newest("", MAX_IMAGES).forEach(image -> some.add(MigrationJson.of(image)));
        json.put("images-total", images.count());
        return json;
    }

    /** The newest ones, those that run first. */
    static List<MigrationEntry> newest(List<MigrationEntry> all) {
        Comparator<MigrationEntry> ended =
                Comparator.comparing(entry -> entry.progress().status().isFinal());
        return all.stream()
                .sorted(ended.thenComparing(MigrationEntry::id, Comparator.reverseOrder()))
                .limit(MAX_MIGRATIONS)
                .toList();
    }

    /** Migrations in the order in which they began. */
    Iterator<ObjectNode> migrations(Page page) {
        long after = page.afterNumber();
        return migrations.list().stream()
                .filter(entry -> entry.id() > after)
                .limit(page.limit())
                .map(MigrationJson::of)
                .iterator();
    }

    /** Who was refused, the last one first. */
    Iterator<ObjectNode> refused(Page page) {
        return refused.newest(page.limit()).stream().map(Refusal::toJson).iterator();
    }

    /** Images in the order of their names, or the newest of those that fit. */
    Iterator<ObjectNode> images(Page page) {
        if (page.newestFirst()) {
            return images.newest(page.filter(), Math.min(page.limit(), MAX_NEWEST)).stream()
                    .map(MigrationJson::of)
                    .iterator();
        }
        return images.each(page.after(), page.limit(), MigrationJson::of);
    }
}
