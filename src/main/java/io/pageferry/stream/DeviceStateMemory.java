package io.pageferry.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Device state in the memory of this process. For any thread; what it has is to be read when no more comes. */
public final class DeviceStateMemory implements DeviceStateSink, DeviceStateSource {
    private final List<DeviceStatePiece> pieces = new ArrayList<>(); // guarded by this
    private final List<byte[]> contents = new ArrayList<>(); // guarded by this

    @Override
    public void take(DeviceStatePiece piece, Data data) throws IOException {
        byte[] content = new byte[piece.lengthBytes()];
        data.read(ByteBuffer.wrap(content));
        synchronized (this) {
            pieces.add(piece);
            contents.add(content);
        }
    }

    @Override
    public synchronized List<DeviceStatePiece> pieces() {
        return List.copyOf(pieces);
    }

    @Override
    public synchronized void read(int piece, int offset, ByteBuffer into) {
        into.put(contents.get(piece), offset, into.remaining());
    }
}
