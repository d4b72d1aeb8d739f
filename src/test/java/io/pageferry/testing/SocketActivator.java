package io.pageferry.testing;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.File;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/**
 * What systemd does for a service with sockets, as a process of its own that turns into that service: opens some that
 * listen at any port of loopback, and passes them on.
 */
public final class SocketActivator {
    /** How they are passed on. */
    public enum How {
        LISTEN_FDS,
        STANDARD_INPUT
    }

    private static final int AF_INET = 2;
    private static final int SOCK_STREAM = 1;
    private static final int BACKLOG = 16;
    private static final int FIRST = 3;
    private static final int OVERWRITE = 1;
    private static final byte[] LOOPBACK = {127, 0, 0, 1};

    private static final MethodHandle SOCKET =
            CLibrary.function("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle BIND =
            CLibrary.function("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle LISTEN =
            CLibrary.function("listen", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle DUP2 =
            CLibrary.function("dup2", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle SETENV =
            CLibrary.function("setenv", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
    private static final MethodHandle EXECVP =
            CLibrary.function("execvp", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));

    private SocketActivator() {}

    /** The command that goes in front of the service's own. */
    public static String[] command(How how, int sockets) {
        return new String[] {
            PageferryProcess.JAVA.toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            new File("target/test-classes").getAbsolutePath(),
            SocketActivator.class.getName(),
            how.name(),
            String.valueOf(sockets)
        };
    }

    /** Turns into another program, whose command line is what follows {@link #command}'s. */
    public static void main(String[] arguments) {
        How how = How.valueOf(arguments[0]);
        int sockets = Integer.parseInt(arguments[1]);
        String[] service = Arrays.copyOfRange(arguments, 2, arguments.length);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment command = arena.allocate(ADDRESS, service.length + 1);
            for (int i = 0; i < service.length; i++) {
                command.setAtIndex(ADDRESS, i, arena.allocateFrom(service[i]));
            }
            if (how == How.LISTEN_FDS) {
                setEnvironment(arena, "LISTEN_FDS", sockets);
                setEnvironment(arena, "LISTEN_PID", ProcessHandle.current().pid());
            }
            MemorySegment program = arena.allocateFrom(service[0]);
            int[] open = new int[sockets];
            Arrays.setAll(open, _ -> listen(arena));
            // From here on descriptors of this JVM may be gone.
            for (int i = 0; i < sockets; i++) {
                CLibrary.call(DUP2, open[i], how == How.LISTEN_FDS ? FIRST + i : 0);
            }
            CLibrary.call(EXECVP, program, command);
        }
        System.exit(1);
    }

    private static void setEnvironment(Arena arena, String name, long value) {
        CLibrary.call(SETENV, arena.allocateFrom(name), arena.allocateFrom(String.valueOf(value)), OVERWRITE);
    }

    private static int listen(Arena arena) {
        int socket = (int) CLibrary.require(CLibrary.call(SOCKET, AF_INET, SOCK_STREAM, 0), "socket");
        MemorySegment address = arena.allocate(16);
        address.set(JAVA_BYTE, 0, (byte) AF_INET); // little-endian; the port stays 0
        MemorySegment.copy(LOOPBACK, 0, address, JAVA_BYTE, 4, LOOPBACK.length);
        CLibrary.require(CLibrary.call(BIND, socket, address, (int) address.byteSize()), "bind");
        CLibrary.require(CLibrary.call(LISTEN, socket, BACKLOG), "listen");
        return socket;
    }
}
