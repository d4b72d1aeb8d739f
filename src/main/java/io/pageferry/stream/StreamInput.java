package io.pageferry.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Reads the integers and strings that a stream is made of; all integers are big-endian. Belongs to one thread. */
public final class StreamInput {
    private static final int BUFFER_BYTES = 32 * 1024;

    /** Where whole pages come with the stream, a larger one is a tenth faster. */
    private static final int BUFFER_OF_PAGES_BYTES = 128 * 1024;

    private final ByteSource source; // null where all is in the buffer
    private final ByteBuffer buffer;
    private long positionOfBufferEnd;
    private boolean ranOut;

    private SectionRecord record; // null while nothing is recorded
    private int recordedTo; // up to where in the buffer it has everything

    public StreamInput(ByteSource source) {
        this(source, BUFFER_BYTES);
    }

    /**
     * Makes an input.
     *
     * @param alreadyRead the stream's first bytes, where somebody had to look at them
     */
    public StreamInput(ByteSource source, byte[] alreadyRead) {
        this(source, BUFFER_BYTES);
        buffer.clear().put(alreadyRead).flip();
        positionOfBufferEnd = alreadyRead.length;
    }

    private StreamInput(ByteSource source, int bufferBytes) {
        this.source = source;
        this.buffer = ByteBuffer.allocateDirect(bufferBytes).flip();
    }

    /** An input of a stream that may bring all pages of a guest. */
    public static StreamInput ofPages(ByteSource source) {
        return new StreamInput(source, BUFFER_OF_PAGES_BYTES);
    }

    private StreamInput(ByteBuffer bytes) {
        this.source = null;
        this.buffer = bytes.slice();
        positionOfBufferEnd = bytes.remaining();
    }

    /** An input of bytes that are all there: they are neither copied nor taken out of their buffer. */
    public static StreamInput over(ByteBuffer bytes) {
        return new StreamInput(bytes);
    }

    /** Whether the stream has ended before something that was to be read. */
    public boolean ranOut() {
        return ranOut;
    }

    /** How many bytes of the stream are behind. */
    public long position() {
        return positionOfBufferEnd - buffer.remaining();
    }

    /** Goes to another position of a file. */
    public void seek(long position) throws IOException {
        source.seek(position);
        buffer.clear().limit(0);
        positionOfBufferEnd = position;
    }

    /** Has everything that is read from now on recorded, until {@link #endRecord}. */
    public void record(SectionRecord into) {
        record = into;
        recordedTo = buffer.position();
    }

    /** Ends that; all that was read is in the record. */
    public void endRecord() throws IOException {
        keepRecord();
        record = null;
    }

    private void keepRecord() throws IOException {
        if (record != null) {
            record.add(buffer, recordedTo, buffer.position() - recordedTo);
            recordedTo = buffer.position();
        }
    }

    /** Reads so many bytes that nobody looks at. */
    public void skip(long lengthBytes, String what) throws IOException {
        long left = lengthBytes;
        while (left > 0) {
            if (!buffer.hasRemaining() && !refill(what)) {
                throw ended(what, left);
            }
            int length = (int) Math.min(left, buffer.remaining());
            buffer.position(buffer.position() + length);
            left -= length;
        }
    }

    /** Whether the stream has ended: waits for a byte to say no. */
    public boolean isAtEnd(String what) throws IOException {
        return !buffer.hasRemaining() && !refill(what);
    }

    /** An unsigned byte. */
    public int u8(String what) throws IOException {
        need(Byte.BYTES, what);
        return buffer.get() & 0xff;
    }

    /** The byte that {@link #u8} will read next. */
    public int peek(String what) throws IOException {
        need(Byte.BYTES, what);
        return buffer.get(buffer.position()) & 0xff;
    }

    /** The number that {@link #u64} will read next. */
    public long peekU64(String what) throws IOException {
        need(Long.BYTES, what);
        return buffer.getLong(buffer.position());
    }

    /** An unsigned short. */
    public int u16(String what) throws IOException {
        need(Short.BYTES, what);
        return buffer.getShort() & 0xffff;
    }

    /** A 32-bit number that may use its sign bit. */
    public int u32(String what) throws IOException {
        need(Integer.BYTES, what);
        return buffer.getInt();
    }

    /** A 64-bit number that may use its sign bit. */
    public long u64(String what) throws IOException {
        need(Long.BYTES, what);
        return buffer.getLong();
    }

    /** So many bytes; the caller has held the number against a limit. */
    public byte[] bytes(int length, String what) throws IOException {
        byte[] bytes = new byte[length];
        read(ByteBuffer.wrap(bytes), what);
        return bytes;
    }

    /** Fills a buffer. */
    public void read(ByteBuffer into, String what) throws IOException {
        while (into.hasRemaining()) {
            if (!buffer.hasRemaining() && !refill(what)) {
                throw ended(what, into.remaining());
            }
            int length = Math.min(into.remaining(), buffer.remaining());
            into.put(into.position(), buffer, buffer.position(), length);
            into.position(into.position() + length);
            buffer.position(buffer.position() + length);
        }
    }

    /**
     * Reads what is there, at least one byte.
     *
     * @return how many bytes, or -1 at the end
     */
    public int readSome(ByteBuffer into, String what) throws IOException {
        if (isAtEnd(what)) {
            return -1;
        }
        int length = Math.min(into.remaining(), buffer.remaining());
        read(into.slice(into.position(), length), what);
        into.position(into.position() + length);
        return length;
    }

    /** A string after its length in one byte: printable ASCII and not empty, or it is refused. */
    public String countedString(String what) throws IOException {
        int length = u8(what);
        byte[] bytes = bytes(length, what);
        requirePrintable(bytes, what);
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    /** Checks that bytes are a name: not empty, printable ASCII. */
    static void requirePrintable(byte[] bytes, String what) throws StreamException {
        boolean printable = bytes.length > 0;
        for (byte character : bytes) {
            printable &= character > 0x20 && character < 0x7f;
        }
        if (!printable) {
            throw new StreamException(what + " must be printable ASCII: length=" + bytes.length);
        }
    }

    private void need(int bytes, String what) throws IOException {
        while (buffer.remaining() < bytes) {
            if (!refill(what)) {
                throw ended(what, bytes - buffer.remaining());
            }
        }
    }

    private boolean refill(String what) throws IOException {
        keepRecord();
        if (source == null) {
            return false;
        }
        buffer.compact();
        recordedTo = 0;
        int read;
        try {
            read = source.read(buffer, what);
        } finally {
            buffer.flip();
        }
        if (read > 0) {
            positionOfBufferEnd += read;
        }
        return read > 0;
    }

    private StreamException ended(String what, long missing) {
        ranOut = true;
        return new StreamException("stream must not end in the middle: awaited=\"" + what + "\" position=" + position()
                + " missing=" + missing);
    }
}
