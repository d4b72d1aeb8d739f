package io.pageferry.store;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What images are called in a store: {@code FOLDER/TIME.img}, or {@code FOLDER/NAME.img} where a client chose.
 * Stateless.
 */
public final class ImageName {
    public static final String SUFFIX = ".img";

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

    /**
     * What an image may be called: one folder of the store's own, no hidden files, short enough for the partial file's
     * name.
     */
    private static final Pattern NAME = Pattern.compile("\\w[\\w.@-]{0,127}/\\w[\\w.-]{0,127}\\.img");

    /** Those of them that a client may choose: folders of guests that have an owner are the store's. */
    private static final Pattern CLIENTS_NAME = Pattern.compile("[^@]*");

    /** What the store calls an image. */
    private static final Pattern OWN_NAME = Pattern.compile("(\\d{8}T\\d{6}\\.\\d{3}Z)(?:-(\\d{1,9}))?\\.img");

    private ImageName() {}

    public static boolean isValid(String name) {
        return NAME.matcher(name).matches();
    }

    static boolean isForClients(String name) {
        return isValid(name) && CLIENTS_NAME.matcher(name).matches();
    }

    /** Whether the store chose the name, not a client. */
    static boolean isOwn(String name) {
        return ownForm(name).matches();
    }

    /** What the store calls an image, but for what tells those apart that began at one moment. */
    static String base(GuestIdentity guest, Instant begun) {
        return guest.folder() + "/" + TIME.format(begun);
    }

    public static String folderOf(String name) {
        return name.substring(0, name.indexOf('/'));
    }

    /** When its guest began to come, where the store chose the name. */
    public static Optional<Instant> begun(String name) {
        Matcher form = ownForm(name);
        try {
            return form.matches() ? Optional.of(TIME.parse(form.group(1), Instant::from)) : Optional.empty();
        } catch (DateTimeException e) {
            return Optional.empty(); // 20261399T…: of the store's form, but not its own
        }
    }

    /** Which one it is of those that began at the same moment. */
    static int number(String name) {
        Matcher form = ownForm(name);
        return form.matches() && form.group(2) != null ? Integer.parseInt(form.group(2)) : 1;
    }

    private static Matcher ownForm(String name) {
        return OWN_NAME.matcher(name.substring(name.indexOf('/') + 1));
    }
}
