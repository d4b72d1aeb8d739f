package io.pageferry.load.worker;

import io.pageferry.config.MigrationParameters;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.image.Image;
import io.pageferry.load.LoadException;
import io.pageferry.load.Scenario;
import io.pageferry.load.Setting;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The guests that a worker has. They stay from turn to turn as long as they are what is asked for, so that their memory
 * is warm. For any thread.
 */
final class SourceGuests implements AutoCloseable {
    private final Map<Kind, SyntheticGuest> guests = new HashMap<>(); // guarded by this

    /** What a guest is like, and the image whose pages it has. */
    private record Kind(GuestShape shape, Optional<Path> contents) {
        static Kind of(Scenario scenario, int guest) {
            return new Kind(scenario.guest(guest), scenario.contents());
        }

        SyntheticGuest make() throws IOException {
            if (contents.isEmpty()) {
                return new SyntheticGuest(shape);
            }
            try (Image image = Image.open(contents.get(), 0, MigrationParameters.DEFAULT_MAX_RAM, false)) {
                return new SyntheticGuest(shape, image);
            }
        }
    }

    /** Makes those that are missing, after freeing those that are not wanted. None of them is being sent. */
    synchronized void prepare(Scenario scenario) throws IOException {
        Set<Kind> wanted = new LinkedHashSet<>();
        for (int i = 0; i < scenario.number(Setting.GUESTS); i++) {
            wanted.add(Kind.of(scenario, i));
        }
        guests.entrySet().removeIf(entry -> {
            boolean unwanted = !wanted.contains(entry.getKey());
            if (unwanted) {
                entry.getValue().close();
            }
            return unwanted;
        });
        for (Kind kind : wanted) {
            if (!guests.containsKey(kind)) {
                guests.put(kind, kind.make());
            }
        }
    }

    synchronized SyntheticGuest get(Scenario scenario, int index) throws LoadException {
        SyntheticGuest guest = guests.get(Kind.of(scenario, index));
        if (guest == null) {
            throw new LoadException("guest must be prepared before it is sent: guest=" + index);
        }
        return guest;
    }

    @Override
    public synchronized void close() {
        guests.values().forEach(SyntheticGuest::close);
        guests.clear();
    }
}
