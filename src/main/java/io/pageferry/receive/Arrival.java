package io.pageferry.receive;

import io.pageferry.net.Connection;
import java.util.UUID;

/** A connection that has said who it is. */
sealed interface Arrival {
    Connection connection();

    /** The main channel; nothing of its stream has been read, only looked at. */
    record Main(Connection connection) implements Arrival {}

    /** A multifd channel, its initial packet's magic and version checked. */
    record Multifd(Connection connection, int channelId, UUID uuid) implements Arrival {}
}
