package io.pageferry.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** A socket, and nothing between it and its user. */
final class PlainTransport implements Transport {
    private final SocketChannel channel;

    private volatile ZeroCopyWriter zeroCopyWriter; // set once by the writing thread

    PlainTransport(SocketChannel channel) {
        this.channel = channel;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        return channel.read(into);
    }

    @Override
    public long read(ByteBuffer[] into, int offset, int length) throws IOException {
        return channel.read(into, offset, length);
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        return channel.write(from);
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) throws IOException {
        return channel.write(from, offset, length);
    }

    /**
     * What sends memory without copying it.
     *
     * @param maxBuffers how many buffers a write has at the most
     */
    ZeroCopyWriter zeroCopyWriter(int maxBuffers) throws IOException {
        ZeroCopyWriter writer = new ZeroCopyWriter(channel, maxBuffers);
        zeroCopyWriter = writer;
        if (!channel.isOpen()) {
            writer.shutDown(); // whoever has just closed it may not have seen the writer
        }
        return writer;
    }

    @Override
    public void finish() {
        // The stream itself says where it ends.
    }

    @Override
    public boolean hasPeerLeft() {
        return SocketState.hasPeerEnded(channel);
    }

    @Override
    public boolean hasInput() {
        return SocketState.hasInput(channel);
    }

    @Override
    public boolean hasRoom() {
        return SocketState.hasRoom(channel);
    }

    @Override
    public Delivery delivery() {
        return SocketState.delivery(channel);
    }

    @Override
    public void endOutput() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public void endInput() throws IOException {
        channel.shutdownInput();
    }

    @Override
    public void close() throws IOException {
        channel.close();
        ZeroCopyWriter writer = zeroCopyWriter;
        if (writer != null) {
            writer.shutDown(); // it has a descriptor of its own, which keeps the socket
        }
    }
}
