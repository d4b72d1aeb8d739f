package io.pageferry.net;

import io.pageferry.foreign.NativeFunctions;
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
        if (call("dup2", FIRST, STANDARD_INPUT) < 0) {
            throw new NetException("socket to inherit must be there: descriptor=" + FIRST);
        }
        call("close", FIRST, 0);
    }

    private static int call(String function, int descriptor, int other) {
        return (int) NativeFunctions.call(NativeFunctions.ofC(function), descriptor, other, 0, 0, 0, 0);
    }
}
