package io.pageferry.testing;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * systemd's end of {@code sd_notify}: a UNIX socket for datagrams, which the JDK does not have. Of the test's thread.
 */
public final class NotifySocket implements AutoCloseable {
    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int MSG_DONTWAIT = 0x40;
    private static final MethodHandle SOCKET =
            CLibrary.function("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle BIND =
            CLibrary.function("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle RECV =
            CLibrary.function("recv", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle SENDTO = CLibrary.function(
            "sendto", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle CLOSE = CLibrary.function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

    private static final int MAX_PATH_BYTES = 108;

    private final int descriptor;
    private final byte[] path;
    private final List<String> heard = new ArrayList<>();

    private NotifySocket(int descriptor, byte[] path) {
        this.descriptor = descriptor;
        this.path = path;
    }

    /**
     * Opens one.
     *
     * @param name as {@code NOTIFY_SOCKET} has it: a path, or {@code @} and an abstract name
     */
    public static NotifySocket open(String name) {
        byte[] path = name.getBytes(StandardCharsets.UTF_8);
        if (path[0] == '@') {
            path[0] = 0;
        }
        NotifySocket socket =
                new NotifySocket((int) CLibrary.require(CLibrary.call(SOCKET, AF_UNIX, SOCK_DGRAM, 0), "socket"), path);
        try (Arena arena = Arena.ofConfined()) {
            CLibrary.require(
                    CLibrary.call(BIND, socket.descriptor, socket.address(arena), Short.BYTES + path.length),
                    "bind " + name);
        }
        return socket;
    }

    private MemorySegment address(Arena arena) {
        MemorySegment address = arena.allocate(Short.BYTES + MAX_PATH_BYTES);
        address.set(JAVA_SHORT, 0, (short) AF_UNIX);
        MemorySegment.copy(path, 0, address, JAVA_BYTE, Short.BYTES, path.length);
        return address;
    }

    /** Has no room for another datagram any more, until some are heard. */
    public void fill() {
        int stranger = (int) CLibrary.require(CLibrary.call(SOCKET, AF_UNIX, SOCK_DGRAM, 0), "socket");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment word = arena.allocateFrom("X=1");
            long sent = 0;
            while (sent >= 0) {
                sent = CLibrary.call(
                        SENDTO,
                        stranger,
                        word,
                        word.byteSize(),
                        MSG_DONTWAIT,
                        address(arena),
                        Short.BYTES + path.length);
            }
        } finally {
            CLibrary.call(CLOSE, stranger);
        }
    }

    public static NotifySocket open(Path path) {
        return open(path.toString());
    }

    /** All datagrams until now. */
    public List<String> heard() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(4096);
            long length = CLibrary.call(RECV, descriptor, buffer, buffer.byteSize(), MSG_DONTWAIT);
            while (length >= 0) {
                heard.add(new String(buffer.asSlice(0, length).toArray(JAVA_BYTE), StandardCharsets.UTF_8));
                length = CLibrary.call(RECV, descriptor, buffer, buffer.byteSize(), MSG_DONTWAIT);
            }
        }
        return List.copyOf(heard);
    }

    /** Waits for a datagram that begins so, and returns it. */
    public String await(String beginning) {
        Eventually.until(
                beginning + " said", () -> heard().stream().anyMatch(datagram -> datagram.startsWith(beginning)));
        return heard.stream()
                .filter(datagram -> datagram.startsWith(beginning))
                .findFirst()
                .orElseThrow();
    }

    /** As if nothing had been said yet. */
    public void forget() {
        heard();
        heard.clear();
    }

    @Override
    public void close() {
        CLibrary.call(CLOSE, descriptor);
    }
}
