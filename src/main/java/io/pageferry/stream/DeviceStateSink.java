package io.pageferry.stream;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where the pieces of device state go to that come beside RAM. For any thread: channels bring them side by side. */
@FunctionalInterface
public interface DeviceStateSink {
    /** Where the bytes of a piece come from. */
    @FunctionalInterface
    interface Data {
        /** Fills a buffer with the next ones. */
        void read(ByteBuffer into) throws IOException;
    }

    /**
     * Takes a piece, in parts as large as suits: its length was held against a limit, but may be more than should be in
     * memory.
     *
     * @param data has exactly its bytes
     */
    void take(DeviceStatePiece piece, Data data) throws IOException, InterruptedException;
}
