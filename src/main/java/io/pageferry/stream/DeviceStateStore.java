package io.pageferry.stream;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Where the bytes of a device state lie: put there as they come, and read when all have come. For one thread at a time.
 */
public interface DeviceStateStore {
    /** Adds bytes behind those that are there, from position to limit. */
    void append(ByteBuffer bytes) throws IOException;

    /** Reads from a position on, up to the buffer's limit; all of that is there. */
    void read(long position, ByteBuffer into) throws IOException;
}
