package io.pageferry.net;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.pageferry.foreign.Errno;
import io.pageferry.foreign.NativeFunctions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The kernel's side of {@link ZeroCopyWriter}: the calls, and the structures in memory that they take. Layouts are
 * those of 64-bit Linux. Belongs to one thread, but for {@link #shutDown}. No call waits: {@code MSG_DONTWAIT} is with
 * each that could.
 *
 * <pre>
 *   msghdr:             name 8, namelen 4, pad 4, iov 8, iovlen 8, control 8, controllen 8, flags 4, pad 4
 *   iovec:              base 8, length 8
 *   control message:    length 8, level 4, type 4, then sock_extended_err:
 *   sock_extended_err:  errno 4, origin 1, type 1, code 1, pad 1, info 4 (first send), data 4 (last send)
 * </pre>
 */
final class ZeroCopySocket implements AutoCloseable {
    /** What {@link #send} returns where the kernel cannot keep track of more. */
    static final long NO_MEMORY = -1;

    private static final int SOL_SOCKET = 1;
    private static final int SO_ZEROCOPY = 60;
    private static final int MSG_PEEK = 0x2;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_ERRQUEUE = 0x2000;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_ZEROCOPY = 0x4000000;
    private static final int SHUT_RDWR = 2;
    private static final int EINTR = 4;
    private static final int EAGAIN = 11;
    private static final int ENOBUFS = 105;
    private static final int SO_EE_ORIGIN_ZEROCOPY = 5;
    private static final int SO_EE_CODE_ZEROCOPY_COPIED = 1;

    private static final long MSGHDR_BYTES = 56;
    private static final long MSGHDR_IOV = 16;
    private static final long MSGHDR_IOVLEN = 24;
    private static final long MSGHDR_CONTROL = 32;
    private static final long MSGHDR_CONTROLLEN = 40;
    private static final long IOVEC_BYTES = 16;
    private static final long CONTROL_BYTES = 128;
    private static final long CMSG_DATA = 16;

    private static final MethodHandle DUP = NativeFunctions.ofCWithErrno("dup");
    private static final MethodHandle CLOSE = NativeFunctions.ofCWithErrno("close");
    private static final MethodHandle SHUTDOWN = NativeFunctions.ofCWithErrno("shutdown");
    private static final MethodHandle SETSOCKOPT = NativeFunctions.ofCWithErrno("setsockopt");
    private static final MethodHandle SENDMSG = NativeFunctions.ofCWithErrno("sendmsg");
    private static final MethodHandle RECV = NativeFunctions.ofCWithErrno("recv");
    private static final MethodHandle RECVMSG = NativeFunctions.ofCWithErrno("recvmsg");

    private final Arena arena = Arena.ofShared();
    private final MemorySegment errno = arena.allocate(Errno.LAYOUT);
    private final MemorySegment message = arena.allocate(MSGHDR_BYTES, Long.BYTES);
    private final MemorySegment vectors;
    private final MemorySegment errorMessage = arena.allocate(MSGHDR_BYTES, Long.BYTES);
    private final MemorySegment control = arena.allocate(CONTROL_BYTES, Long.BYTES);

    /** One of our own: the number of the channel's would be another file's once that is closed. */
    private final int descriptor;

    private boolean closed; // guarded by this

    private ZeroCopySocket(int descriptor, int maxVectors) {
        this.descriptor = descriptor;
        vectors = arena.allocate(maxVectors * IOVEC_BYTES, Long.BYTES);
        message.set(ADDRESS, MSGHDR_IOV, vectors);
        errorMessage.set(ADDRESS, MSGHDR_CONTROL, control);
    }

    static ZeroCopySocket of(int descriptor, int maxVectors) throws IOException {
        ZeroCopySocket socket = new ZeroCopySocket(duplicate(descriptor), maxVectors);
        try {
            socket.enable();
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private void enable() throws IOException {
        MemorySegment on = control.asSlice(0, Integer.BYTES);
        on.set(JAVA_INT, 0, 1);
        if ((int) call(SETSOCKOPT, SOL_SOCKET, SO_ZEROCOPY, on.address(), Integer.BYTES) != 0) {
            throw new NetException(
                    "socket must be able to send without copying, connect over TCP or turn zero-copy-send"
                            + " off: errno=" + errno());
        }
    }

    int descriptor() {
        return descriptor;
    }

    /** Says where the memory of one of the next send's buffers is. */
    void vector(int index, long address, long lengthBytes) {
        vectors.set(JAVA_LONG, index * IOVEC_BYTES, address);
        vectors.set(JAVA_LONG, index * IOVEC_BYTES + Long.BYTES, lengthBytes);
    }

    /**
     * Sends the first vectors, without waiting.
     *
     * @param copy whether their memory is needed again when this returns
     * @return how many bytes; 0 where the socket is full, {@link #NO_MEMORY}
     */
    long send(int count, boolean copy) throws IOException {
        message.set(JAVA_LONG, MSGHDR_IOVLEN, count);
        int flags = MSG_DONTWAIT | MSG_NOSIGNAL | (copy ? 0 : MSG_ZEROCOPY);
        long sent = call(SENDMSG, message.address(), flags, 0, 0);
        if (sent >= 0) {
            return sent;
        }
        return switch (errno()) {
            case EAGAIN, EINTR -> 0;
            case ENOBUFS -> NO_MEMORY;
            default -> throw new IOException("sendmsg failed: errno=" + errno());
        };
    }

    /** Whether there is something to be read: bytes, or the peer's end. */
    boolean isReadable() throws IOException {
        long result = call(RECV, control.address(), 1, MSG_PEEK | MSG_DONTWAIT, 0);
        if (result >= 0) {
            return true;
        }
        if (errno() == EAGAIN || errno() == EINTR) {
            return false;
        }
        throw new IOException("recv failed: errno=" + errno());
    }

    /** Takes the next notice that sends are done, if there is one. */
    boolean receiveCompletion() throws IOException {
        errorMessage.set(JAVA_LONG, MSGHDR_CONTROLLEN, CONTROL_BYTES);
        long result = call(RECVMSG, errorMessage.address(), MSG_ERRQUEUE | MSG_DONTWAIT, 0, 0);
        if (result < 0) {
            if (errno() == EAGAIN || errno() == EINTR) {
                return false;
            }
            throw new IOException("recvmsg failed: errno=" + errno());
        }
        int origin = control.get(JAVA_BYTE, CMSG_DATA + 4);
        int error = control.get(JAVA_INT, CMSG_DATA);
        if (errorMessage.get(JAVA_LONG, MSGHDR_CONTROLLEN) == 0 || origin != SO_EE_ORIGIN_ZEROCOPY || error != 0) {
            throw new IOException("socket reports an error: origin=" + origin + " errno=" + error);
        }
        return true;
    }

    /** The first of the sends that the last notice was about; they are counted from 0, in 32 bits. */
    long firstCompleted() {
        return Integer.toUnsignedLong(control.get(JAVA_INT, CMSG_DATA + 8));
    }

    long lastCompleted() {
        return Integer.toUnsignedLong(control.get(JAVA_INT, CMSG_DATA + 12));
    }

    /** Whether the kernel copied them after all. */
    boolean wasCopied() {
        return (control.get(JAVA_BYTE, CMSG_DATA + 6) & SO_EE_CODE_ZEROCOPY_COPIED) != 0;
    }

    /**
     * Ends reading and writing at this end, whoever else has the socket: every wait for it ends, and each that begins
     * later. What was sent before goes on its way. For any thread; nothing is done once this is closed.
     */
    synchronized void shutDown() {
        if (closed) {
            return; // the number may be another file's
        }
        try (Arena call = Arena.ofConfined()) {
            // That there is no connection any more is as good.
            long _ = call(SHUTDOWN, call.allocate(Errno.LAYOUT), descriptor, SHUT_RDWR, 0, 0, 0);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        try {
            long _ = call(CLOSE, 0, 0, 0, 0);
        } finally {
            arena.close();
        }
    }

    private static int duplicate(int descriptor) throws NetException {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment errno = call.allocate(Errno.LAYOUT);
            int duplicate = (int) call(DUP, errno, descriptor, 0, 0, 0, 0);
            if (duplicate < 0) {
                throw new NetException("process must have a file descriptor left: errno=" + Errno.of(errno));
            }
            return duplicate;
        }
    }

    private int errno() {
        return Errno.of(errno);
    }

    private long call(MethodHandle function, long a, long b, long c, long d) {
        return call(function, errno, descriptor, a, b, c, d);
    }

    private static long call(
            MethodHandle function, MemorySegment errno, int descriptor, long a, long b, long c, long d) {
        try {
            return (long) function.invokeExact(errno, (long) descriptor, a, b, c, d, 0L);
        } catch (Throwable e) {
            throw NativeFunctions.unexpected(e);
        }
    }
}
