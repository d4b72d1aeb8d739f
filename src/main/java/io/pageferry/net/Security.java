package io.pageferry.net;

import java.io.IOException;
import java.nio.channels.SocketChannel;

/**
 * How the connections of one migration are protected: not at all ({@link #NONE}), or as whoever makes them says. For
 * any thread.
 */
public interface Security {
    /** Bytes go as they are. */
    Security NONE = PlainTransport::new;

    /** Makes the transport of a new connection. It owns the socket from now on, also where this fails. */
    Transport over(SocketChannel channel) throws IOException;
}
