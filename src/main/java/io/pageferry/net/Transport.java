package io.pageferry.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * How a connection's bytes get to the peer and from it: as they are ({@link PlainTransport}), or under TLS. As
 * {@code SocketChannel} has it, a call moves at least one byte.
 *
 * <p>One thread reads and one writes; they may be the same. {@link #endInput} and {@link #close} are for any thread.
 */
public interface Transport extends AutoCloseable {
    /** What an end of the peer's looks like. */
    int ENDED = -1;

    /** Does what both ends must do before the first byte. */
    default void begin() throws IOException {}

    /**
     * Who the peer has proved to be, once it has begun: its certificate's distinguished name, or its key's user. Empty
     * where it was not asked, or its certificate has no such name.
     */
    default Optional<String> peerIdentity() {
        return Optional.empty();
    }

    /** Reads what is there. {@link #ENDED}: the peer has ended, or {@link #endInput} was called. */
    int read(ByteBuffer into) throws IOException;

    /** The same into several buffers, in order. */
    long read(ByteBuffer[] into, int offset, int length) throws IOException;

    /** Writes some. */
    int write(ByteBuffer from) throws IOException;

    /** The same from several buffers, in order. */
    long write(ByteBuffer[] from, int offset, int length) throws IOException;

    /**
     * Tells the peer that all has been written, where there is a way to say so: without it TLS does not know an end
     * from a broken connection.
     */
    void finish() throws IOException;

    /**
     * From now on the peer's end without a word ({@link #finish}), where there is one, is an error and not
     * {@link #ENDED}. The reading thread's.
     */
    default void requireProperEnd() {}

    /** Whether the peer has ended its connection, though there may be more to read; for any thread. */
    boolean hasPeerLeft();

    /** Whether something is there to be read, or the peer has ended; the reading thread's. */
    boolean hasInput();

    /** Whether some bytes would be written at once; for any thread. */
    boolean hasRoom();

    /** How far what was written has got; for any thread. */
    Delivery delivery();

    /** Ends writing, and tells the peer so. */
    void endOutput() throws IOException;

    /** Ends reading, here only. */
    void endInput() throws IOException;

    @Override
    void close() throws IOException;
}
