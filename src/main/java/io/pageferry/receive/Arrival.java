package io.pageferry.receive;

import io.pageferry.net.Connection;
import java.util.UUID;

/** A connection that has said who it is. */
sealed interface Arrival {
    Connection connection();

    /**
     * The main channel.
     *
     * @param firstBytes of the stream, which had to be read to know it
     */
    record Main(Connection connection, byte[] firstBytes) implements Arrival {}

    /** A multifd channel, its initial packet's magic and version checked. */
    record Multifd(Connection connection, int channelId, UUID uuid) implements Arrival {}
}
