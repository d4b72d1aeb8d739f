package io.pageferry.net;

import java.io.IOException;

/**
 * Where the connections of a migration come from. For any thread; {@link #close} ends every {@link #accept}, and an
 * interrupt that of its thread.
 */
public interface ConnectionSource extends AutoCloseable {
    /**
     * Waits for the next connection. It must {@linkplain Connection#begin begin} before it is used: on a thread of its
     * own, as its peer may take its time.
     *
     * @param watch knows of the wait; the first sign of a peer {@linkplain StallWatch#arm arms} it
     * @param awaited what to call the connection if it does not come, asked only then
     */
    Connection accept(StallWatch watch, Object awaited) throws IOException, InterruptedException;

    @Override
    void close();
}
