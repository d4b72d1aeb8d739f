package io.pageferry.image;

import io.pageferry.stream.ByteSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Where a plain stream is read from, byte after byte: a file, or a pipe. Opened, read and closed by one thread. */
public final class StreamSource implements ByteSource, AutoCloseable {
    private final Object name;
    private final FileChannel channel;

    /** The stream's first bytes, which are looked at before anybody reads them. */
    private final ByteBuffer head = ByteBuffer.allocate(FileFormat.HEAD_BYTES);

    private StreamSource(Object name, FileChannel channel) {
        this.name = name;
        this.channel = channel;
    }

    /**
     * Opens a file; a named pipe waits for who writes it.
     *
     * @throws ImageException where it is something else than a stream, and what it is
     */
    public static StreamSource open(Path path) throws IOException {
        FileChannel channel;
        try {
            channel = FileKind.of(path) == FileKind.PIPE
                    ? NamedPipe.open(path, StandardOpenOption.READ)
                    : FileChannel.open(path, StandardOpenOption.READ);
        } catch (ClosedChannelException e) {
            throw e; // ours: whoever reads is being ended
        } catch (IOException e) {
            throw unreadable(path, e);
        }
        return from(channel, path);
    }

    /**
     * Takes over the reading of what is open already, and waits for its first bytes.
     *
     * @param name what to call it in messages
     */
    public static StreamSource from(FileChannel channel, Object name) throws IOException {
        StreamSource source = new StreamSource(name, channel);
        try {
            source.look();
            return source;
        } catch (Throwable e) {
            channel.close();
            throw e;
        }
    }

    private void look() throws IOException {
        while (head.hasRemaining() && readChannel(head) >= 0) {
            // until there is enough, or no more
        }
        head.flip();
        byte[] first = new byte[head.remaining()];
        head.get(0, first);
        FileFormat format = FileFormat.of(first);
        if (!format.mayBeStream()) {
            throw format.noStream(name);
        }
    }

    @Override
    public int read(ByteBuffer into, String what) throws IOException {
        if (!head.hasRemaining()) {
            return readChannel(into);
        }
        int length = Math.min(head.remaining(), into.remaining());
        into.put(into.position(), head, head.position(), length);
        into.position(into.position() + length);
        head.position(head.position() + length);
        return length;
    }

    private int readChannel(ByteBuffer into) throws IOException {
        try {
            return channel.read(into);
        } catch (ClosedChannelException e) {
            throw e;
        } catch (IOException e) {
            throw unreadable(name, e);
        }
    }

    private static ImageException unreadable(Object name, IOException e) {
        return new ImageException(
                "stream must be readable: stream=" + name + " reason=\"" + ImageException.reason(e) + "\"", e);
    }

    @Override
    public String toString() {
        return name.toString();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
