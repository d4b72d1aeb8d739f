package io.pageferry.server;

import java.util.Optional;
import java.util.UUID;

/**
 * Connections that may be of one guest: they have one origin, and their peers have proved to be the same.
 *
 * @param identity under TLS
 */
record Realm(Origin origin, Optional<String> identity) {
    /**
     * Where connections come from.
     *
     * @param address at which they were accepted
     * @param host their source's
     */
    record Origin(String address, String host) {}

    /** Connections of one guest, as far as its channels' uuid says that. */
    record Key(Realm realm, UUID uuid) {}

    /** Whether it lies in a place: itself, an origin, or an address. */
    boolean isAt(Object place) {
        return place.equals(this) || place.equals(origin) || place.equals(origin.address());
    }
}
