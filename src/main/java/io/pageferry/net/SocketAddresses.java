package io.pageferry.net;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** Addresses of peers, as logs and answers have them: {@code HOST:PORT}, {@code [HOST]:PORT}, a path, or unix. */
public final class SocketAddresses {
    private SocketAddresses() {}

    /** The address in one line, without a host's name, which nobody has proved. */
    public static String text(SocketAddress address) {
        if (address instanceof InetSocketAddress socket && socket.getAddress() != null) {
            return oneLine(host(socket.getAddress())) + ":" + socket.getPort();
        }
        String text = String.valueOf(address);
        return text.isEmpty() ? "unix" : oneLine(text);
    }

    private static String host(InetAddress address) {
        String host = address.getHostAddress();
        return host.indexOf(':') < 0 ? host : "[" + host + "]";
    }

    /** A client's path may have any bytes; it must not make lines, nor colours. */
    static String oneLine(String text) {
        return text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]", ".");
    }
}
