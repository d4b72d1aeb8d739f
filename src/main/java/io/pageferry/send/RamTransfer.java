package io.pageferry.send;

import java.io.IOException;

/**
 * A way of bringing a guest's RAM to a peer: {@link PrecopyTransfer} sends all of it, round by round, before the guest
 * starts there. On the main thread.
 */
interface RamTransfer extends AutoCloseable {
    /** Sends RAM while the guest may run; comes back when it is to be stopped. */
    void sendBeforeSwitchover() throws IOException, InterruptedException;

    /** Sends what is to be there before the guest starts again, and ends the RAM section. The guest has stopped. */
    void sendAfterStop() throws IOException, InterruptedException;

    @Override
    void close();
}
