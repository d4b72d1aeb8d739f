package io.pageferry.net;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.util.Map;

/**
 * The socket that systemd listens at for us: {@code sd_listen_fds}'s protocol. The JDK takes one over that is standard
 * input, so it is put there.
 */
final class SocketActivation {
    private static final int STANDARD_INPUT = 0;

    /** {@code SD_LISTEN_FDS_START}. */
    private static final int FIRST = 3;

    private SocketActivation() {}

    /**
     * Puts the socket in the place of standard input, where there is one.
     *
     * @param environment of this process
     * @throws NetException where there are several
     */
    static void moveToStandardInput(Map<String, String> environment) throws NetException {
        String sockets = environment.get("LISTEN_FDS");
        String process = environment.get("LISTEN_PID");
        if (sockets == null || !String.valueOf(ProcessHandle.current().pid()).equals(process)) {
            return; // none, or another process's
        }
        if (!sockets.equals("1")) {
            throw new NetException(
                    "socket to inherit must be one, have --listen for others, or a service each: LISTEN_FDS="
                            + sockets);
        }
        if (call("dup2", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT), FIRST, STANDARD_INPUT) < 0) {
            throw new NetException("socket to inherit must be there: descriptor=" + FIRST);
        }
        call("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT), FIRST);
    }

    @SuppressWarnings("restricted")
    private static int call(String name, FunctionDescriptor descriptor, Object... arguments) {
        Linker linker = Linker.nativeLinker();
        MethodHandle function =
                linker.downcallHandle(linker.defaultLookup().find(name).orElseThrow(), descriptor);
        try {
            return (int) function.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException("C library must be called: function=" + name, e);
        }
    }
}
