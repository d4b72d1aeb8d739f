package io.pageferry.send;

import io.pageferry.memory.IoVector;
import io.pageferry.net.Connection;
import java.io.IOException;
import java.nio.ByteBuffer;

/** How packets get onto a channel's connection. Belongs to the channel's thread. */
interface PacketWriter extends AutoCloseable {
    /** Writes a buffer, which can be used again at once. */
    void write(ByteBuffer bytes, String what) throws IOException, InterruptedException;

    /**
     * Writes a packet whose first buffer, its fields, can be used again at once, and so can its data where that does
     * not stay where it is.
     */
    void write(IoVector packet, String what) throws IOException, InterruptedException;

    /** Comes back when the data of all packets can be used again. */
    void flush() throws IOException, InterruptedException;

    @Override
    void close();

    /** One that copies everything into the socket's buffer. */
    static PacketWriter copying(Connection connection) {
        return new PacketWriter() {
            @Override
            public void write(ByteBuffer bytes, String what) throws IOException {
                connection.writeFully(bytes, what);
            }

            @Override
            public void write(IoVector packet, String what) throws IOException {
                connection.writeFully(packet.buffers(), packet.count(), packet.totalBytes(), what);
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
    }
}
