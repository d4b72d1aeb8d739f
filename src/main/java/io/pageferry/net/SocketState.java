package io.pageferry.net;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.pageferry.foreign.NativeFunctions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.channels.SocketChannel;
import sun.nio.ch.SelChImpl;

/** What the kernel knows of a socket and the JDK does not tell: {@code poll}, without waiting. For any thread. */
public final class SocketState {
    private static final short POLLIN = 0x1;
    private static final short POLLOUT = 0x4;
    private static final short POLLERR = 0x8;
    private static final short POLLHUP = 0x10;
    private static final short POLLRDHUP = 0x2000;

    /** {@code struct pollfd}: descriptor 4, events 2, what has happened 2. */
    private static final long POLLFD_BYTES = 8;

    private static final long EVENTS = 4;
    private static final long HAPPENED = 6;

    private static final MethodHandle POLL = NativeFunctions.ofC("poll");

    private SocketState() {}

    /** Whether the peer has ended its connection, behind whatever it has sent that nobody has read yet. */
    public static boolean hasPeerEnded(SocketChannel channel) {
        return !channel.isOpen() || (poll(channel, POLLRDHUP) & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
    }

    /** Whether something can be read at once: bytes, the peer's end, or an error. */
    public static boolean hasInput(SocketChannel channel) {
        return !channel.isOpen() || poll(channel, POLLIN) != 0;
    }

    /** Whether a message of some bytes can be written at once. */
    public static boolean hasRoom(SocketChannel channel) {
        return channel.isOpen() && poll(channel, POLLOUT) == POLLOUT;
    }

    private static int poll(SocketChannel channel, short events) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment poll = arena.allocate(POLLFD_BYTES, Integer.BYTES);
            poll.set(JAVA_INT, 0, ((SelChImpl) channel).getFDVal());
            poll.set(JAVA_SHORT, EVENTS, events);
            int ready = (int) NativeFunctions.call(POLL, poll.address(), 1, 0, 0, 0, 0);
            return ready > 0 ? poll.get(JAVA_SHORT, HAPPENED) : 0;
        }
    }
}
