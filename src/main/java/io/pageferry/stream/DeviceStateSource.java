package io.pageferry.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Where pieces of device state come from that go beside RAM. For any thread. */
public interface DeviceStateSource {
    /** That of a guest whose devices have none. */
    DeviceStateSource NONE = new DeviceStateSource() {
        @Override
        public List<DeviceStatePiece> pieces() {
            return List.of();
        }

        @Override
        public void read(int piece, int offset, ByteBuffer into) {
            throw new IndexOutOfBoundsException(piece);
        }
    };

    /** All pieces, those of one device in the order that they came in. */
    List<DeviceStatePiece> pieces();

    /**
     * Fills a buffer with a part of a piece's data.
     *
     * @param piece its place in the list
     * @param offset where in its data the part begins
     */
    void read(int piece, int offset, ByteBuffer into) throws IOException;

    /** Gives all pieces to somebody else. */
    default void copyTo(DeviceStateSink sink) throws IOException, InterruptedException {
        for (int i = 0; i < pieces().size(); i++) {
            sink.take(pieces().get(i), data(i));
        }
    }

    private DeviceStateSink.Data data(int piece) {
        return new DeviceStateSink.Data() {
            private int offset;

            @Override
            public void read(ByteBuffer into) throws IOException {
                int length = into.remaining();
                DeviceStateSource.this.read(piece, offset, into);
                offset += length;
            }
        };
    }
}
