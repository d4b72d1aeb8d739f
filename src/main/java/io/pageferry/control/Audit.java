package io.pageferry.control;

import io.pageferry.net.Connection;
import io.pageferry.net.SocketAddresses;
import java.net.SocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who has had something changed: a line in the log for each change, by a logger of its own, {@value #LOGGER}, so that
 * these lines can be kept apart. Immutable.
 */
public final class Audit {
    private static final String LOGGER = "io.pageferry.audit";
    private static final Logger LOG = LoggerFactory.getLogger(LOGGER);

    private final String via;
    private final String peer;
    private final String identity;

    private Audit(String via, String peer, String identity) {
        this.via = via;
        this.peer = peer;
        this.identity = identity;
    }

    /** Of a client that has shown the token. */
    public static Audit ofHttp(SocketAddress peer) {
        return new Audit("http", SocketAddresses.text(peer), "bearer token");
    }

    /** Of a client by who it has proved to be: under TLS, or by the user it runs as. */
    public static Audit ofQmp(Connection client) {
        return new Audit(
                "qmp", client.peer(), client.identity().or(client::localUser).orElse("none"));
    }

    /** A migration is being cancelled. */
    public void cancelled(long migration) {
        note("cancel", "id=" + migration);
    }

    /** A migration's connections are being cut. */
    public void yanked(long migration) {
        note("yank", "id=" + migration);
    }

    /** An image has been removed. */
    public void removed(String image) {
        note("remove", "image=" + image);
    }

    private void note(String what, String which) {
        LOG.info("changed by a client: what={} {} via={} peer={} identity=\"{}\"", what, which, via, peer, identity);
    }
}
