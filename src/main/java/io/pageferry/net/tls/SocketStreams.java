package io.pageferry.net.tls;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;

/** A socket as streams that are never closed by who reads or writes them. One thread reads, one writes. */
final class SocketStreams {
    private static final int BUFFER_BYTES = 64 * 1024;

    /** How much may come and have no data in it: some records more than a change of keys takes. */
    private static final int MAX_BYTES_WITHOUT_DATA = 4 * BUFFER_BYTES;

    private final SocketChannel channel;
    private final TlsFaults faults;

    // The reading thread's.
    private final ByteBuffer received = ByteBuffer.allocate(BUFFER_BYTES).flip();
    private boolean begun;
    private boolean ended;
    private long bytesWithoutData;

    /** Set while it reads; only the thread itself ever finds itself here. */
    private Thread reader;

    SocketStreams(SocketChannel channel, TlsFaults faults) {
        this.channel = channel;
        this.faults = faults;
    }

    /** Whether the peer has ended. The reading thread's. */
    boolean isEnded() {
        return ended;
    }

    /**
     * What this thread writes from now on are answers of TLS's own, such as to the peer's end, which may not be there
     * any more to take them.
     */
    void beginReading() {
        reader = Thread.currentThread();
    }

    void endReading() {
        reader = null;
    }

    /** Who reads has found data. */
    void dataCame() {
        bytesWithoutData = 0;
    }

    int unread() {
        return received.remaining();
    }

    InputStream input() {
        return new InputStream() {
            private final byte[] one = new byte[1];

            @Override
            public int read() throws IOException {
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                if (!received.hasRemaining() && !receive()) {
                    return -1;
                }
                int moved = Math.min(length, received.remaining());
                received.get(into, offset, moved);
                return moved;
            }
        };
    }

    OutputStream output() {
        return new OutputStream() {
            @Override
            public void write(int one) throws IOException {
                write(new byte[] {(byte) one}, 0, 1);
            }

            @Override
            public void write(byte[] from, int offset, int length) throws IOException {
                ByteBuffer bytes = ByteBuffer.wrap(from, offset, length);
                try {
                    while (bytes.hasRemaining()) {
                        channel.write(bytes);
                    }
                } catch (ClosedChannelException e) {
                    throw e;
                } catch (IOException e) {
                    if (reader != Thread.currentThread()) {
                        throw e;
                    }
                    // What the peer has said before it went is read all the same, and that it went without a word too.
                }
            }
        };
    }

    private boolean receive() throws IOException {
        received.clear();
        try {
            do {
                int read = channel.read(received);
                if (read < 0) {
                    ended = true;
                    return received.position() > 0;
                }
                bytesWithoutData += read;
            } while (!begun && received.position() < TlsRecord.FIRST_BYTES);
        } finally {
            received.flip();
        }
        if (!begun) {
            faults.requireTls(received);
            begun = true;
        }
        if (bytesWithoutData > MAX_BYTES_WITHOUT_DATA) {
            throw faults.tooManyEmptyRecords(bytesWithoutData + " bytes");
        }
        return true;
    }
}
