package io.pageferry.send;

import io.pageferry.net.Connection;
import io.pageferry.stream.ByteSink;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Writes the main stream onto its connection. On the main thread. */
public record ConnectionSink(Connection main) implements ByteSink {
    private static final String WHAT = "main stream";

    @Override
    public void write(ByteBuffer bytes) throws IOException {
        main.writeFully(bytes, WHAT);
    }

    @Override
    public void write(ByteBuffer[] buffers, int count, long totalBytes) throws IOException {
        main.writeFully(buffers, count, totalBytes, WHAT);
    }
}
