package io.pageferry.cli;

import io.pageferry.config.ByteSize;
import io.pageferry.store.ImageName;
import io.pageferry.store.StoredImage;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/** How commands write images of a store, for people and for scripts. Stateless. */
final class StoredImageText {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private StoredImageText() {}

    /** Its name, as it can be given to a command. */
    static String name(StoredImage image) {
        return image.name().endsWith(ImageName.SUFFIX)
                ? image.name().substring(0, image.name().length() - ImageName.SUFFIX.length())
                : image.name();
    }

    /** Its guest, by all that is known of it. */
    static String guest(StoredImage image) {
        return image.guest().map(UUID::toString).orElse("no uuid")
                + image.guestName().map(name -> " " + name).orElse("")
                + image.owner().map(owner -> " owner=\"" + owner + '"').orElse("");
    }

    /** Its line in a list. */
    static String line(StoredImage image) {
        return String.format(
                Locale.ROOT,
                "  %-60s %s %12s  %s",
                name(image),
                TIME.format(image.completed()),
                ByteSize.format(image.bytes()),
                image.machineType().orElse(""));
    }

    static ObjectNode json(StoredImage image) {
        ObjectNode json = Json.object().put("image", name(image));
        image.guest().ifPresent(guest -> json.put("uuid", guest.toString()));
        image.guestName().ifPresent(name -> json.put("name", name));
        image.owner().ifPresent(owner -> json.put("owner", owner));
        image.machineType().ifPresent(machine -> json.put("machine", machine));
        return json.put("completed", image.completed().toString())
                .put("size", image.bytes())
                .put("file", image.location());
    }
}
