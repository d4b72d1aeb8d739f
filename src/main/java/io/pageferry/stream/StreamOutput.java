package io.pageferry.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Writes the integers and strings that a stream is made of, big-endian, buffered. Belongs to one thread. */
public final class StreamOutput {
    private static final int BUFFER_BYTES = 32 * 1024;

    private final ByteSink sink;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private long flushedBytes;

    public StreamOutput(ByteSink sink) {
        this.sink = sink;
    }

    /** How many bytes were put so far, those that are not flushed included. */
    public long position() {
        return flushedBytes + buffer.position();
    }

    public StreamOutput u8(int value) throws IOException {
        need(Byte.BYTES);
        buffer.put((byte) value);
        return this;
    }

    public StreamOutput u16(int value) throws IOException {
        need(Short.BYTES);
        buffer.putShort((short) value);
        return this;
    }

    public StreamOutput u32(int value) throws IOException {
        need(Integer.BYTES);
        buffer.putInt(value);
        return this;
    }

    public StreamOutput u64(long value) throws IOException {
        need(Long.BYTES);
        buffer.putLong(value);
        return this;
    }

    public StreamOutput bytes(byte[] bytes) throws IOException {
        return bytes(ByteBuffer.wrap(bytes));
    }

    public StreamOutput bytes(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            need(Byte.BYTES);
            int length = Math.min(bytes.remaining(), buffer.remaining());
            buffer.put(buffer.position(), bytes, bytes.position(), length);
            buffer.position(buffer.position() + length);
            bytes.position(bytes.position() + length);
        }
        return this;
    }

    /** A string of at most 255 bytes after its length in one byte. */
    public StreamOutput countedString(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        return u8(bytes.length).bytes(bytes);
    }

    /**
     * Puts the first {@code count} buffers of an array, in order, without copying them: what was put before is flushed,
     * and so are they.
     *
     * @param totalBytes what remains in them
     */
    public void gather(ByteBuffer[] buffers, int count, long totalBytes) throws IOException {
        if (buffer.position() > 0) {
            flush();
        }
        flushedBytes += totalBytes;
        sink.write(buffers, count, totalBytes);
    }

    public void flush() throws IOException {
        buffer.flip();
        flushedBytes += buffer.remaining();
        try {
            sink.write(buffer);
        } finally {
            buffer.clear();
        }
    }

    private void need(int bytes) throws IOException {
        if (buffer.remaining() < bytes) {
            flush();
        }
    }
}
