package io.pageferry.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;

/** Reads and writes in full at positions of a file. Stateless: any thread. */
final class FileIo {
    private FileIo() {}

    static void writeFully(FileChannel channel, ByteBuffer bytes, long position, Object image) throws IOException {
        try {
            long at = position;
            while (bytes.hasRemaining()) {
                at += channel.write(bytes, at);
            }
        } catch (ClosedChannelException e) {
            throw e; // ours: the migration is being ended
        } catch (IOException e) {
            throw ImageException.of("image must be written whole", image, e);
        }
    }

    static void readFully(FileChannel channel, ByteBuffer into, long position, Object image) throws IOException {
        try {
            long at = position;
            while (into.hasRemaining()) {
                int read = channel.read(into, at);
                if (read < 0) {
                    throw new ImageException("image must not end before its pages do: image=" + image + " position=0x"
                            + Long.toHexString(at) + " missing=" + into.remaining());
                }
                at += read;
            }
        } catch (ClosedChannelException | ImageException e) {
            throw e;
        } catch (IOException e) {
            throw ImageException.of("image must be readable", image, e);
        }
    }

    /** Reads so many bytes, or what there is of them. */
    static byte[] readHead(FileChannel channel, long position, int length, Object image) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(Math.clamp(channel.size() - position, 0, length));
        readFully(channel, head, position, image);
        return head.array();
    }
}
