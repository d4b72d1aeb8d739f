package io.pageferry.image;

import io.pageferry.checkpoint.SpaceReservation;
import io.pageferry.stream.DeviceStateStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** A device state where an image has it: it goes to its place as it comes, and stays there. For one thread. */
final class DeviceStateInImage implements DeviceStateStore {
    private final FileChannel file;
    private final Object image;
    private final long start;
    private final Writing writing;
    private long length;

    /** Puts bytes there. */
    @FunctionalInterface
    private interface Writing {
        void write(ByteBuffer bytes, long position) throws IOException;
    }

    private DeviceStateInImage(FileChannel file, Object image, long start, Writing writing) {
        this.file = file;
        this.image = image;
        this.start = start;
        this.writing = writing;
    }

    /**
     * That of an image that is being written.
     *
     * @param start where it begins in the file
     * @param reservation is asked before anything is written
     * @param besideRam what must be behind it
     */
    static DeviceStateInImage toBeWritten(
            FileChannel file, Object image, long start, SpaceReservation reservation, DeviceStateKeeper besideRam) {
        return new DeviceStateInImage(file, image, start, (bytes, position) -> {
            int added = bytes.remaining();
            besideRam.beBehind(position + added);
            long use = reservation.begin(added);
            try {
                FileIo.writeFully(file, bytes, position, image);
            } finally {
                reservation.end(use, added);
            }
        });
    }

    /** That of an image that is read, from a position on: what is read there is not written anywhere. */
    static DeviceStateInImage thatIsThere(FileChannel file, Object image, long start) {
        return new DeviceStateInImage(file, image, start, (bytes, _) -> bytes.position(bytes.limit()));
    }

    long lengthBytes() {
        return length;
    }

    @Override
    public void append(ByteBuffer bytes) throws IOException {
        int added = bytes.remaining();
        writing.write(bytes, start + length);
        length += added;
    }

    @Override
    public void read(long position, ByteBuffer into) throws IOException {
        FileIo.readFully(file, into, start + position, image);
    }
}
