package io.pageferry.send;

import io.pageferry.metrics.MigrationStats;
import io.pageferry.net.Connection;
import io.pageferry.stream.ByteSink;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Writes the main stream onto its connection, and counts it. On the main thread. */
record MainOutput(Connection main, MigrationStats stats) implements ByteSink {
    private static final String WHAT = "main stream";

    @Override
    public void write(ByteBuffer bytes) throws IOException {
        int length = bytes.remaining();
        main.writeFully(bytes, WHAT);
        stats.mainBytes.add(length);
    }

    @Override
    public void write(ByteBuffer[] buffers, int count, long totalBytes) throws IOException {
        main.writeFully(buffers, count, totalBytes, WHAT);
        stats.mainBytes.add(totalBytes);
    }
}
