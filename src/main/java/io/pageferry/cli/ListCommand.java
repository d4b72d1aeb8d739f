package io.pageferry.cli;

import io.pageferry.store.GuestIdentity;
import io.pageferry.store.Retention;
import io.pageferry.store.StoreException;
import io.pageferry.store.StoredImage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code list}: the images of a store, by guest, each guest's newest first. */
final class ListCommand extends ReportingCommand {
    private final StoreOptions store;

    ListCommand() {
        super("list", "Lists the images of a store, by guest, newest first. A server may have the store meanwhile.");
        store = new StoreOptions(model, true);
    }

    @Override
    Ending run() throws StoreException {
        store.isGiven();
        ObjectNode json = Json.object().put("status", "completed");
        ArrayNode array = json.putArray("images");
        List<String> lines = new ArrayList<>();
        for (List<StoredImage> ofGuest : byGuest(store.images().all())) {
            lines.add(StoredImageText.guest(ofGuest.getFirst()));
            for (StoredImage image : ofGuest) {
                lines.add(StoredImageText.line(image));
                array.add(StoredImageText.json(image));
            }
        }
        return Ending.completed(json, lines);
    }

    /** Guests in the order of their uuids; images of nobody knows which guest, one by one, at the end. */
    private Collection<List<StoredImage>> byGuest(Collection<StoredImage> images) {
        Map<String, List<StoredImage>> guests = new TreeMap<>();
        images.stream()
                .filter(store::isWanted)
                .sorted(Retention.NEWEST_FIRST)
                .forEach(image -> guests.computeIfAbsent(keyOf(image), _ -> new ArrayList<>())
                        .add(image));
        return guests.values();
    }

    private static String keyOf(StoredImage image) {
        GuestIdentity guest = image.identity();
        return guest.uuid().isPresent()
                ? "0" + guest.uuid().get() + guest.owner().orElse("")
                : "1" + image.name();
    }
}
