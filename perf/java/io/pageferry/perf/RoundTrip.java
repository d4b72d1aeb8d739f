package io.pageferry.perf;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Arrays;

/**
 * What a byte takes from one process to another and back, over a socket, both of them waiting for it in the kernel.
 * Stateless.
 */
final class RoundTrip {
    private static final int TRIPS = 1000;

    private RoundTrip() {}

    /** The median of many. */
    static long measureNanos(int port) throws IOException {
        long[] nanos = new long[TRIPS];
        try (SocketChannel channel =
                SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            ByteBuffer one = ByteBuffer.allocateDirect(1);
            for (int trip = 0; trip < TRIPS; trip++) {
                long start = System.nanoTime();
                channel.write(one.clear());
                if (channel.read(one.clear()) < 1) {
                    throw new IOException("the other end has gone");
                }
                nanos[trip] = System.nanoTime() - start;
            }
        }
        Arrays.sort(nanos);
        return nanos[TRIPS / 2];
    }

    /** The other end, for one that measures. */
    static void echo(ServerSocketChannel listener) throws IOException {
        try (SocketChannel channel = listener.accept()) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            ByteBuffer one = ByteBuffer.allocateDirect(1);
            while (channel.read(one.clear()) > 0) {
                channel.write(one.flip());
            }
        }
    }
}
