package io.pageferry.image;

import io.pageferry.stream.ByteSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Where a plain stream is written to: a {@linkplain PendingFile file} that appears under its name when all of it is on
 * disk; or a pipe or device, which has what was written so far. Made, written, completed and closed by one thread.
 */
public final class StreamFile implements ByteSink, AutoCloseable {
    private final Object name;
    private final FileChannel channel;
    private final PendingFile pending; // null where there is nothing to be renamed

    private StreamFile(Object name, FileChannel channel, PendingFile pending) {
        this.name = name;
        this.channel = channel;
        this.pending = pending;
    }

    /**
     * Begins a file, or opens the pipe or device of that name; a named pipe waits for who reads it.
     *
     * @param access who may read a file
     */
    public static StreamFile create(Path path, ImageAccess access) throws IOException {
        if (Files.exists(path) && !Files.isRegularFile(path) && !Files.isDirectory(path)) {
            try {
                FileChannel channel = FileKind.of(path) == FileKind.PIPE
                        ? NamedPipe.open(path, StandardOpenOption.WRITE)
                        : FileChannel.open(path, StandardOpenOption.WRITE);
                return into(channel, path);
            } catch (ClosedChannelException e) {
                throw e; // ours: whoever writes is being ended
            } catch (IOException e) {
                throw failed("stream must be writable", path, e);
            }
        }
        PendingFile file = PendingFile.create(path, 0, access);
        return new StreamFile(path, file.channel(), file);
    }

    /**
     * Takes over the writing to what is open already.
     *
     * @param name what to call it in messages
     */
    public static StreamFile into(FileChannel channel, Object name) {
        return new StreamFile(name, channel, null);
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (ClosedChannelException e) {
            throw e;
        } catch (IOException e) {
            throw failed("stream must be taken to its end", name, e);
        }
    }

    @Override
    public void write(ByteBuffer[] buffers, int count, long totalBytes) throws IOException {
        try {
            int first = 0;
            for (long left = totalBytes; left > 0; ) {
                left -= channel.write(buffers, first, count - first);
                while (first < count && !buffers[first].hasRemaining()) {
                    first++;
                }
            }
        } catch (ClosedChannelException e) {
            throw e;
        } catch (IOException e) {
            throw failed("stream must be taken to its end", name, e);
        }
    }

    private static ImageException failed(String rule, Object name, IOException e) {
        return new ImageException(rule + ": stream=" + name + " reason=\"" + ImageException.reason(e) + "\"", e);
    }

    /** Has a file on disk and under its name. */
    public void complete() throws IOException {
        if (pending != null) {
            pending.commit();
        }
    }

    /** Removes a file that was not completed. */
    @Override
    public void close() throws IOException {
        if (pending != null) {
            pending.close();
        } else {
            channel.close();
        }
    }
}
