package io.pageferry.cli;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.pageferry.foreign.NativeFunctions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd how far the service is: {@code sd_notify}'s protocol, a datagram to the socket that
 * {@code NOTIFY_SOCKET} names. The JDK has no UNIX sockets for datagrams, so the C library's are used.
 */
final class SystemdNotify {
    private static final Logger LOG = LoggerFactory.getLogger(SystemdNotify.class);

    private static final String OWN_PID = String.valueOf(ProcessHandle.current().pid());

    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_SNDTIMEO = 21;
    private static final int MSG_NOSIGNAL = 0x4000;

    /**
     * {@code struct timeval}: how long to wait for room, where systemd is behind: a service that is to end must end all
     * the same.
     */
    private static final long[] AT_MOST_A_SECOND = {1, 0};

    /** {@code struct sockaddr_un}: the family, then the path. */
    private static final int PATH_OFFSET = Short.BYTES;

    private static final int MAX_PATH_BYTES = 108;

    private SystemdNotify() {}

    /** All that was to be done before there is a service, or before a reload has come about, is done. */
    static void ready() {
        say("READY=1\nSTATUS=takes guests in");
    }

    /**
     * What was asked for by a signal is begun. systemd must know when, by its clock, which is that of
     * {@link System#nanoTime}.
     */
    static void reloading() {
        say("RELOADING=1\nMONOTONIC_USEC=" + TimeUnit.NANOSECONDS.toMicros(System.nanoTime()));
    }

    /**
     * The service ends.
     *
     * @param atMost how long that may take, whatever the unit says
     */
    static void stopping(Duration atMost) {
        say("STOPPING=1\nSTATUS=waits for guests that are here\nEXTEND_TIMEOUT_USEC="
                + TimeUnit.NANOSECONDS.toMicros(atMost.toNanos()));
    }

    /** How often systemd wants to hear that all is well, where it does. */
    static Optional<Duration> watchdogInterval() {
        String micros = System.getenv("WATCHDOG_USEC");
        String process = System.getenv().getOrDefault("WATCHDOG_PID", OWN_PID);
        return micros != null && process.equals(OWN_PID) && micros.matches("[1-9]\\d{0,17}")
                ? Optional.of(Duration.of(Long.parseLong(micros), ChronoUnit.MICROS))
                : Optional.empty();
    }

    /** All is well. */
    static void alive() {
        say("WATCHDOG=1");
    }

    private static void say(String state) {
        String socket = System.getenv("NOTIFY_SOCKET");
        if (socket == null || socket.isEmpty()) {
            return;
        }
        byte[] path = socket.getBytes(StandardCharsets.UTF_8);
        if (path.length >= MAX_PATH_BYTES || path[0] != '/' && path[0] != '@') {
            LOG.warn("NOTIFY_SOCKET must be a path or an abstract name: value={}", socket);
            return;
        }
        if (path[0] == '@') {
            path[0] = 0;
        }
        try (Arena arena = Arena.ofConfined()) {
            if (!send(arena, path, state.getBytes(StandardCharsets.UTF_8))) {
                LOG.warn("systemd must take what it is told: socket={} state={}", socket, state);
            }
        } catch (Throwable e) {
            LOG.warn("systemd must be told: socket={} state={} reason=\"{}\"", socket, state, e.toString());
        }
    }

    private static boolean send(Arena arena, byte[] path, byte[] state) {
        MemorySegment address = arena.allocate(PATH_OFFSET + MAX_PATH_BYTES);
        address.set(JAVA_SHORT, 0, (short) AF_UNIX);
        MemorySegment.copy(path, 0, address, JAVA_BYTE, PATH_OFFSET, path.length);
        int descriptor = call("socket", AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, 0, 0, 0);
        if (descriptor < 0) {
            return false;
        }
        try {
            MemorySegment atMost = arena.allocateFrom(JAVA_LONG, AT_MOST_A_SECOND);
            int _ = call("setsockopt", descriptor, SOL_SOCKET, SO_SNDTIMEO, atMost.address(), atMost.byteSize(), 0);
            MemorySegment message = arena.allocateFrom(JAVA_BYTE, state);
            int sent = call(
                    "sendto",
                    descriptor,
                    message.address(),
                    state.length,
                    MSG_NOSIGNAL,
                    address.address(),
                    PATH_OFFSET + path.length);
            return sent == state.length;
        } finally {
            int _ = call("close", descriptor, 0, 0, 0, 0, 0);
        }
    }

    private static int call(String function, long a, long b, long c, long d, long e, long f) {
        return (int) NativeFunctions.call(NativeFunctions.ofC(function), a, b, c, d, e, f);
    }
}
