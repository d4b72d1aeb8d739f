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

    FileSource(FileChannel file, Object image) {
        this.file = file;
        this.image = image;
    }

    @Override
    public int read(ByteBuffer into, String what) throws IOException {
        try {
            int read = file.read(into, position);
            position += Math.max(read, 0);
            return read;
        } catch (ClosedChannelException e) {
            throw e; // ours: whoever reads is being ended
        } catch (IOException e) {
            throw ImageException.of("image must be readable", image, e);
        }
    }

    @Override
    public void seek(long newPosition) {
        position = newPosition;
    }
}
