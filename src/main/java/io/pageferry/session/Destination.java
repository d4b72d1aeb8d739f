package io.pageferry.session;

import io.pageferry.receive.ReceivedGuest;
import io.pageferry.receive.SinkOpener;
import java.io.IOException;

/**
 * Where a guest that comes in goes to. Opened by the main thread of the migration, completed by the thread that runs
 * it, closed by its maker when that has ended.
 */
public interface Destination extends SinkOpener, AutoCloseable {
    /** Makes the guest permanent: all its pages are committed. Only after this its source is told to let go of it. */
    void complete(ReceivedGuest guest) throws IOException;

    /** Lets go of everything; a guest that is not permanent is gone. */
    @Override
    void close() throws IOException;
}
