package io.pageferry.image;

import io.pageferry.stream.ByteSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Writes a stream into a file from a position on. Belongs to one thread. */
final class FileSink implements ByteSink {
    private final FileChannel file;
    private final Object image;
    private long position;

    FileSink(FileChannel file, Object image, long position) {
        this.file = file;
        this.image = image;
        this.position = position;
    }

    long position() {
        return position;
    }

    void position(long newPosition) {
        position = newPosition;
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
        int length = bytes.remaining();
        FileIo.writeFully(file, bytes, position, image);
        position += length;
    }
}
