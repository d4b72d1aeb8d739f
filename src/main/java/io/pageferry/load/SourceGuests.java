package io.pageferry.load;

import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The guests that a worker has. They stay from turn to turn as long as they are what is asked for, so that their memory is warm. For any thread. */
final class SourceGuests implements AutoCloseable {
    private final Map<GuestShape, SyntheticGuest> guests = new HashMap<>(); // guarded by this

    /** Makes those that are missing, after freeing those that are not wanted. None of them is being sent. */
    synchronized void prepare(Scenario scenario) {
        Set<GuestShape> wanted = new HashSet<>();
        for (int i = 0; i < scenario.number(Setting.GUESTS); i++) {
            wanted.add(scenario.guest(i));
        }
        guests.entrySet().removeIf(entry -> {
            boolean unwanted = !wanted.contains(entry.getKey());
            if (unwanted) {
                entry.getValue().close();
            }
            return unwanted;
        });
        wanted.forEach(shape -> guests.computeIfAbsent(shape, SyntheticGuest::new));
    }

    synchronized SyntheticGuest get(GuestShape shape) throws LoadException {
        SyntheticGuest guest = guests.get(shape);
        if (guest == null) {
            throw new LoadException("guest must be prepared before it is sent: shape=" + shape);
        }
        return guest;
    }

    @Override
    public synchronized void close() {
        guests.values().forEach(SyntheticGuest::close);
        guests.clear();
    }
}
