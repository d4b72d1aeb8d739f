package io.pageferry.image;

import io.pageferry.stream.DeviceState;
import io.pageferry.stream.DeviceStateLimits;
import io.pageferry.stream.DeviceStatePiece;
import io.pageferry.stream.DeviceStateSource;
import io.pageferry.stream.MappedRamHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Device state that came beside RAM, at the end of an image: the packets as they came, back to back, and behind them
 * what says where they are.
 *
 * <pre>
 *   ... vmdescription | room | packet, data | packet, data | ... | trailer
 *
 *   trailer: magic | end of stream | start of packets | end of packets
 * </pre>
 *
 * <p>The trailer's fields are 8 bytes each, big-endian, and it ends with the file. Immutable; for any thread.
 */
final class KeptDeviceState implements DeviceStateSource {
    static final int TRAILER_BYTES = 4 * Long.BYTES;

    /** {@code PGFYDEVS}. */
    private static final long MAGIC = 0x5047465944455653L;

    private final FileChannel file;
    private final Object image;
    private final List<DeviceStatePiece> pieces;
    private final long[] positions;

    private KeptDeviceState(FileChannel file, Object image, List<DeviceStatePiece> pieces, long[] positions) {
        this.file = file;
        this.image = image;
        this.pieces = List.copyOf(pieces);
        this.positions = positions;
    }

    /**
     * Where the first packet is: behind the longest main stream that is expected, whose length is not known when
     * packets come.
     */
    static long start(ImageLayout layout) {
        long most = DeviceState.defaultMaxBytes(layout.ram().totalBytes());
        return startBehind(layout.endPosition() + most);
    }

    /** The same for a main stream that is longer. */
    static long startBehind(long streamEnd) {
        long end = streamEnd + MappedRamHeader.PAGES_ALIGNMENT;
        return (end + MappedRamHeader.PAGES_ALIGNMENT - 1) & -MappedRamHeader.PAGES_ALIGNMENT;
    }

    static ByteBuffer trailer(long streamEnd, long packetsStart, long packetsEnd) {
        return ByteBuffer.allocate(TRAILER_BYTES)
                .putLong(MAGIC)
                .putLong(streamEnd)
                .putLong(packetsStart)
                .putLong(packetsEnd)
                .flip();
    }

    /** Reads where the main stream of an image with such packets ends. */
    static Trailer readTrailer(FileChannel file, Object image) throws IOException {
        long size = file.size();
        long position = size - TRAILER_BYTES;
        ByteBuffer bytes = ByteBuffer.allocate(TRAILER_BYTES);
        if (position > 0) {
            FileIo.readFully(file, bytes, position, image);
        }
        bytes.rewind();
        long magic = bytes.getLong();
        Trailer trailer = new Trailer(bytes.getLong(), bytes.getLong(), bytes.getLong());
        if (magic != MAGIC
                || trailer.streamEnd < 0
                || trailer.packetsStart < trailer.streamEnd
                || trailer.packetsEnd < trailer.packetsStart
                || trailer.packetsEnd != position) {
            throw new ImageException("image with device state beside RAM must end with its trailer: image=" + image
                    + " fileSize=0x" + Long.toHexString(size) + " magic=0x" + Long.toHexString(magic) + " trailer="
                    + trailer);
        }
        return trailer;
    }

    /** Reads and checks what the packets say. */
    static KeptDeviceState read(FileChannel file, Object image, Trailer trailer) throws IOException {
        DeviceStateLimits limits = new DeviceStateLimits(Long.MAX_VALUE);
        List<DeviceStatePiece> pieces = new ArrayList<>();
        List<Long> positions = new ArrayList<>();
        Map<String, String> names = new HashMap<>(); // a million pieces are of a few devices
        ByteBuffer packet = ByteBuffer.allocateDirect(DeviceStatePiece.HEADER_BYTES);
        long position = trailer.packetsStart;
        while (position < trailer.packetsEnd) {
            FileIo.readFully(file, packet.clear(), position, image);
            DeviceStatePiece read = DeviceStatePiece.read(packet, position);
            limits.add(read);
            String name = names.computeIfAbsent(read.idstr(), idstr -> idstr);
            DeviceStatePiece piece = new DeviceStatePiece(name, read.instanceId(), read.lengthBytes());
            pieces.add(piece);
            positions.add(position + DeviceStatePiece.HEADER_BYTES);
            position += piece.totalBytes();
        }
        if (position != trailer.packetsEnd) {
            throw new ImageException("device state beside RAM must end where its last packet does: image=" + image
                    + " end=0x" + Long.toHexString(position) + " expected=0x" + Long.toHexString(trailer.packetsEnd));
        }
        return new KeptDeviceState(
                file,
                image,
                pieces,
                positions.stream().mapToLong(Long::longValue).toArray());
    }

    @Override
    public List<DeviceStatePiece> pieces() {
        return pieces;
    }

    @Override
    public void read(int piece, int offset, ByteBuffer into) throws IOException {
        FileIo.readFully(file, into, positions[piece] + offset, image);
    }

    /**
     * What the last bytes of the file say.
     *
     * @param streamEnd behind the vmdescription
     * @param packetsStart of the first packet
     * @param packetsEnd behind the last packet's data
     */
    record Trailer(long streamEnd, long packetsStart, long packetsEnd) {
        @Override
        public String toString() {
            return String.format("0x%x,0x%x,0x%x", streamEnd, packetsStart, packetsEnd);
        }
    }
}
