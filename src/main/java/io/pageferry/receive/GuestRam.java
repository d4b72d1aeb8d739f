package io.pageferry.receive;

import io.pageferry.stream.RamSectionHandler;

/** Takes in the RAM section of a guest, from its list of blocks on. Of the main thread. */
interface GuestRam extends RamSectionHandler, AutoCloseable {
    /** Whose pages these are. Once the blocks have come. */
    IncomingGuest guest();

    @Override
    void close();
}
