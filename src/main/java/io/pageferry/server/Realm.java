package io.pageferry.server;

import java.util.Optional;
import java.util.UUID;

/**
 * Connections that may be of one guest: they come one way, and their peers have proved to be the same.
 *
 * @param identity under TLS
 */
record Realm(Way way, Optional<String> identity) {
    /** Where connections come to, and from where. */
    record Way(String door, String host) {}

    /** Connections of one guest, as far as its channels' uuid says that. */
    record Key(Realm realm, UUID uuid) {}

    /** Whether it lies in a place: itself, a way, or a door. */
    boolean isAt(Object place) {
        return place.equals(this) || place.equals(way) || place.equals(way.door());
    }
}
