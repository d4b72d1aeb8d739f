package io.pageferry.image;

import io.pageferry.stream.ByteSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;

/** Reads a stream from a file. Belongs to one thread. */
final class FileSource implements ByteSource {
    private final FileChannel file;
    private final Object image;
    private long position;
    private long end = Long.MAX_VALUE;

    FileSource(FileChannel file, Object image) {
        this.file = file;
        this.image = image;
    }

    /** Ends the stream before the file does. */
    void end(long newEnd) {
        end = newEnd;
    }

    @Override
    public int read(ByteBuffer into, String what) throws IOException {
        if (position >= end) {
            return -1;
        }
        int limit = into.limit();
        into.limit((int) Math.min(limit, into.position() + (end - position)));
        try {
            int read = file.read(into, position);
            position += Math.max(read, 0);
            return read;
        } catch (ClosedChannelException e) {
            throw e; // ours: whoever reads is being ended
        } catch (IOException e) {
            throw ImageException.of("image must be readable", image, e);
        } finally {
            into.limit(limit);
        }
    }

    @Override
    public void seek(long newPosition) {
        position = newPosition;
    }
}
