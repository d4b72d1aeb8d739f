package io.pageferry.testing;

import io.pageferry.stream.ByteSource;
import io.pageferry.stream.StreamInput;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.IntUnaryOperator;

/** Puts the bytes of a stream together by hand, and lets them be read. */
public final class StreamBytes {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    public StreamBytes u8(int value) {
        bytes.write(value);
        return this;
    }

    public StreamBytes u16(int value) {
        return u8(value >> 8).u8(value);
    }

    public StreamBytes u32(int value) {
        return u16(value >> 16).u16(value);
    }

    public StreamBytes u64(long value) {
        return u32((int) (value >> 32)).u32((int) value);
    }

    /** A name after its length in one byte. */
    public StreamBytes name(String name) {
        return u8(name.length()).text(name);
    }

    public StreamBytes text(String text) {
        return raw(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public StreamBytes raw(byte[] raw) {
        bytes.writeBytes(raw);
        return this;
    }

    public int length() {
        return bytes.size();
    }

    public byte[] toBytes() {
        return bytes.toByteArray();
    }

    public StreamInput input() {
        return input(toBytes());
    }

    /** All of it as a file would give it: as much as is asked for, at any position. */
    public static StreamInput input(byte[] bytes) {
        return new StreamInput(new Source(bytes, room -> room));
    }

    /**
     * All of it in pieces, as a socket would give it.
     *
     * @param pieces says how long the next piece shall be at the most, told how much room there is
     */
    public static StreamInput input(byte[] bytes, IntUnaryOperator pieces) {
        return new StreamInput(new Source(bytes, pieces));
    }

    private static final class Source implements ByteSource {
        private final byte[] bytes;
        private final IntUnaryOperator pieces;
        private long position;

        Source(byte[] bytes, IntUnaryOperator pieces) {
            this.bytes = bytes;
            this.pieces = pieces;
        }

        @Override
        public int read(ByteBuffer into, String what) {
            if (position >= bytes.length) {
                return -1;
            }
            int most = Math.min(into.remaining(), pieces.applyAsInt(into.remaining()));
            int length = (int) Math.min(most, bytes.length - position);
            into.put(bytes, (int) position, length);
            position += length;
            return length;
        }

        @Override
        public void seek(long newPosition) {
            position = newPosition;
        }
    }
}
