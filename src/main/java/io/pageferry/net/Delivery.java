package io.pageferry.net;

/**
 * How far what was written to a connection has got.
 *
 * @param mark differs from an earlier one where the peer has taken bytes meanwhile: over TCP how many it has ever
 *     acknowledged, over a UNIX socket the memory of what its process has not read
 * @param isPending whether there are bytes that it has not taken
 */
public record Delivery(long mark, boolean isPending) {
    /** Where nothing can be said: the peer does not seem to take anything. */
    public static final Delivery UNKNOWN = new Delivery(0, true);
}
