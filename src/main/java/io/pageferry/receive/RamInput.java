package io.pageferry.receive;

import io.pageferry.stream.StreamInput;
import java.util.concurrent.atomic.LongAdder;

/** What pages are read from that come with the main stream: a connection, or a file. Of the main thread. */
interface RamInput {
    StreamInput stream();

    /** A page has come, and is where it belongs. */
    void broughtPage();

    /** Adds how many bytes have come since the last time. */
    void countBytes(LongAdder counter);
}
