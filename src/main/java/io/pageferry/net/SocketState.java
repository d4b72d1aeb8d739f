package io.pageferry.net;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.pageferry.foreign.NativeFunctions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.channels.SocketChannel;
import sun.nio.ch.SelChImpl;

/** What the kernel knows of a socket and the JDK does not tell, without waiting. For any thread. */
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

    private static final int SOL_SOCKET = 1;
    private static final int IPPROTO_TCP = 6;
    private static final int SO_MEMINFO = 55;
    private static final int TCP_INFO = 11;

    /** {@code struct tcp_info}, as far as Linux 4.6 and all after it have it. */
    private static final long TCP_INFO_BYTES = 148;

    private static final long UNACKED = 24;
    private static final long BYTES_ACKED = 120;
    private static final long NOTSENT_BYTES = 144;

    /** The third of some 32-bit numbers: {@code SK_MEMINFO_WMEM_ALLOC}. */
    private static final long WMEM_ALLOC = 2 * Integer.BYTES;

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

    /** How far what was written has got: {@link Delivery#UNKNOWN} where the kernel does not say. */
    public static Delivery delivery(SocketChannel channel) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(TCP_INFO_BYTES, Long.BYTES);
            if (option(channel, IPPROTO_TCP, TCP_INFO, info) == TCP_INFO_BYTES) {
                return new Delivery(
                        info.get(JAVA_LONG, BYTES_ACKED),
                        info.get(JAVA_INT, UNACKED) != 0 || info.get(JAVA_INT, NOTSENT_BYTES) != 0);
            }
            if (option(channel, SOL_SOCKET, SO_MEMINFO, info) > WMEM_ALLOC) {
                int held = info.get(JAVA_INT, WMEM_ALLOC);
                return new Delivery(held, held != 0);
            }
            return Delivery.UNKNOWN;
        }
    }

    /** Its length; 0 where there is none. */
    private static int option(SocketChannel channel, int level, int name, MemorySegment into) {
        if (!channel.isOpen()) {
            return 0;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment length = arena.allocate(JAVA_INT);
            length.set(JAVA_INT, 0, (int) into.byteSize());
            int descriptor = ((SelChImpl) channel).getFDVal();
            int result = (int) NativeFunctions.call(
                    Options.GETSOCKOPT, descriptor, level, name, into.address(), length.address(), 0);
            return result == 0 ? length.get(JAVA_INT, 0) : 0;
        }
    }

    /** Looked up where a peer lets us wait, and not where all goes well. */
    private static final class Options {
        private static final MethodHandle GETSOCKOPT = NativeFunctions.ofC("getsockopt");
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
