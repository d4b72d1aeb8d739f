package io.pageferry.perf;

import io.pageferry.memory.MemoryRegion;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What the kernel takes to move memory from one process to another over some sockets, with nothing around it: no
 * packets, no checks, no rounds. Blocks of {@value #BLOCK_BYTES} bytes, as much as a packet has, go out by
 * {@code writev}, socket by socket in turn, and are read to the same place at the other end. Threads are the
 * platform's, one a socket; the sockets' buffers are as the kernel makes them.
 */
final class BareCopy {
    private static final int BLOCK_BYTES = 512 * 1024;

    private BareCopy() {}

    /** One end of one socket. */
    private interface End {
        void move(SocketChannel channel, ByteBuffer[] block) throws IOException;
    }

    /** Sends a region; done when the other end has all of it. */
    static Rate send(MemoryRegion region, int port, int sockets) throws IOException {
        List<SocketChannel> channels = new ArrayList<>();
        try {
            long start = System.nanoTime();
            for (int i = 0; i < sockets; i++) {
                SocketChannel channel =
                        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channel.write(ByteBuffer.wrap(new byte[] {(byte) i}));
                channels.add(channel);
            }
            onAll(channels, region, BareCopy::write);
            return new Rate(region.sizeBytes(), System.nanoTime() - start);
        } finally {
            close(channels);
        }
    }

    /** Takes a region in from those who connect. */
    static Rate receive(ServerSocketChannel listener, long sizeBytes, int sockets) throws IOException {
        SocketChannel[] channels = new SocketChannel[sockets];
        try (MemoryRegion region = MemoryRegion.allocate(sizeBytes)) {
            long start = System.nanoTime();
            for (int i = 0; i < sockets; i++) {
                SocketChannel channel = listener.accept();
                ByteBuffer number = ByteBuffer.allocate(1);
                channel.read(number);
                channels[number.get(0)] = channel;
            }
            onAll(List.of(channels), region, BareCopy::read);
            return new Rate(sizeBytes, System.nanoTime() - start);
        } finally {
            close(Arrays.stream(channels).filter(Objects::nonNull).toList());
        }
    }

    private static void onAll(List<SocketChannel> channels, MemoryRegion region, End end) throws IOException {
        try (ExecutorService threads = Executors.newFixedThreadPool(channels.size())) {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int i = 0; i < channels.size(); i++) {
                int number = i;
                tasks.add(() -> {
                    move(channels.get(number), region, (long) number * BLOCK_BYTES, channels.size(), end);
                    return null;
                });
            }
            for (Future<Void> done : threads.invokeAll(tasks)) {
                done.get();
            }
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static void move(SocketChannel channel, MemoryRegion region, long first, int stride, End end)
            throws IOException {
        ByteBuffer[] block = new ByteBuffer[1];
        for (long at = first; at < region.sizeBytes(); at += (long) stride * BLOCK_BYTES) {
            int start = MemoryRegion.inWindow(at);
            int length = (int) Math.min(BLOCK_BYTES, region.sizeBytes() - at);
            block[0] = region.window(at)
                    .byteBuffer()
                    .duplicate()
                    .limit(start + length)
                    .position(start);
            while (block[0].hasRemaining()) {
                end.move(channel, block);
            }
        }
        // Each end waits for the other's: the time is that of bytes which have arrived.
        channel.shutdownOutput();
        if (channel.read(ByteBuffer.allocate(1)) >= 0) {
            throw new IOException("more than the region came");
        }
    }

    private static void write(SocketChannel channel, ByteBuffer[] block) throws IOException {
        channel.write(block);
    }

    private static void read(SocketChannel channel, ByteBuffer[] block) throws IOException {
        if (channel.read(block) < 0) {
            throw new EOFException();
        }
    }

    private static void close(List<SocketChannel> channels) throws IOException {
        for (SocketChannel channel : channels) {
            channel.close();
        }
    }
}
