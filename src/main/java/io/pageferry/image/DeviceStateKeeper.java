package io.pageferry.image;

import io.pageferry.checkpoint.SpaceReservation;
import io.pageferry.memory.BufferPool;
import io.pageferry.memory.IoVector;
import io.pageferry.memory.MemoryRegion;
import io.pageferry.stream.DeviceStatePiece;
import io.pageferry.stream.DeviceStateSink;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Writes packets of device state behind an image's main stream as they come, each to a place of its own. For any
 * thread.
 */
final class DeviceStateKeeper implements DeviceStateSink {
    private final PendingFile file;
    private final BufferPool buffers;
    private final SpaceReservation reservation;
    private long start; // guarded by this
    private long end; // guarded by this: the same as the start while nothing has come

    DeviceStateKeeper(PendingFile file, ImageLayout layout, BufferPool buffers, SpaceReservation reservation) {
        this.file = file;
        this.buffers = buffers;
        this.reservation = reservation;
        this.start = KeptDeviceState.start(layout);
        this.end = start;
    }

    @Override
    public void take(DeviceStatePiece piece, Data data) throws IOException, InterruptedException {
        long position = claim(piece.totalBytes());
        ByteBuffer packet = ByteBuffer.allocateDirect(DeviceStatePiece.HEADER_BYTES);
        piece.write(packet);
        write(packet, position);
        position += DeviceStatePiece.HEADER_BYTES;
        MemoryRegion buffer = buffers.borrow();
        try {
            IoVector part = new IoVector(1);
            for (int left = piece.lengthBytes(); left > 0; ) {
                int length = Math.min(left, buffers.bufferBytes());
                part.clear();
                part.add(buffer, 0, length);
                ByteBuffer bytes = part.buffers()[0];
                data.read(bytes);
                write(bytes.flip(), position);
                position += length;
                left -= length;
            }
        } finally {
            buffers.giveBack(buffer);
        }
    }

    private synchronized long claim(long bytes) {
        long position = end;
        end += bytes;
        return position;
    }

    /**
     * The main stream is about to reach as far as that. It may be longer than was expected as long as nothing has come
     * here.
     */
    synchronized void beBehind(long streamEnd) throws ImageException {
        if (streamEnd <= start) {
            return;
        }
        if (end > start) {
            throw new ImageException("image's device state must end before that which came beside RAM: image="
                    + file.target() + " end=0x" + Long.toHexString(streamEnd) + " besideRam=0x"
                    + Long.toHexString(start));
        }
        start = KeptDeviceState.startBehind(streamEnd);
        end = start;
    }

    /** The room is taken bit by bit, as it comes: a source that says how much it has need not send it. */
    private void write(ByteBuffer bytes, long position) throws IOException {
        int length = bytes.remaining();
        long use = reservation.begin(length);
        try {
            FileIo.writeFully(file.channel(), bytes, position, file.target());
        } finally {
            reservation.end(use, length);
        }
    }

    /** Whether nothing has come. All channels are done. */
    synchronized boolean isEmpty() {
        return end == start;
    }

    /** Says where the packets are, at the file's end. */
    synchronized void finish(long streamEnd) throws IOException {
        FileIo.writeFully(file.channel(), KeptDeviceState.trailer(streamEnd, start, end), end, file.target());
    }
}
