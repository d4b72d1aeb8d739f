package io.pageferry.send;

import io.pageferry.metrics.MigrationStats;
import io.pageferry.stream.ByteSink;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Counts the bytes of the main stream on their way. On the main thread. */
public record CountedSink(ByteSink sink, MigrationStats stats) implements ByteSink {
    @Override
    public void write(ByteBuffer bytes) throws IOException {
        int length = bytes.remaining();
        sink.write(bytes);
        stats.mainBytes.add(length);
    }

    @Override
    public void write(ByteBuffer[] buffers, int count, long totalBytes) throws IOException {
        sink.write(buffers, count, totalBytes);
        stats.mainBytes.add(totalBytes);
    }
}
