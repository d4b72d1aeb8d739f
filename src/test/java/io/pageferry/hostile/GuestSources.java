package io.pageferry.hostile;

import io.pageferry.config.MigrationUri;
import io.pageferry.testing.StreamBytes;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;

/**
 * Sources of many guests, each with a uuid and pages of its own, that say who they are. All end together:
 * {@link #release}.
 */
final class GuestSources implements AutoCloseable {
    private static final int UUID_OFFSET = 8;
    private static final int UUID_SUBSECTION_BYTES = 1 + 1 + "configuration/uuid".length() + 4 + 16;

    private final MigrationUri.Tcp destination;
    private final String host;
    private final CountDownLatch released = new CountDownLatch(1);
    private final List<SocketChannel> sockets = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    GuestSources(MigrationUri destination) {
        this(destination, "127.0.0.1");
    }

    /**
     * Sources of another host.
     *
     * @param host its address
     */
    GuestSources(MigrationUri destination, String host) {
        this.destination = (MigrationUri.Tcp) destination;
        this.host = host;
    }

    static UUID uuid(int guest) {
        return new UUID(0x1122_3344_5566_7788L, guest + 1L);
    }

    /** What each byte of a page of a guest is. */
    static byte contentOf(int guest, int page) {
        return (byte) (1 + (guest * 4 + page) % 251);
    }

    /** What a source sends of a guest of its own; its main stream is longer by the uuid than {@link Source}'s. */
    static Source source(int guest) {
        UUID uuid = uuid(guest);
        Source source = new Source();
        byte[] bytes = new StreamBytes()
                .u64(uuid.getMostSignificantBits())
                .u64(uuid.getLeastSignificantBits())
                .toBytes();
        source.insert(
                0,
                Source.SETUP_SECTION,
                new StreamBytes()
                        .u8(5)
                        .name("configuration/uuid")
                        .u32(1)
                        .raw(bytes)
                        .toBytes());
        for (int channel = 0; channel < Source.CHANNELS; channel++) {
            source.with(1 + channel, UUID_OFFSET, bytes);
            for (int i = 0; i < 2; i++) {
                byte[] page = new byte[Source.PAGE];
                Arrays.fill(page, contentOf(guest, 2 * channel + i));
                source.with(1 + channel, Source.PAGE_DATA + i * Source.PAGE, page);
            }
        }
        return source;
    }

    /** Where in the main stream something is that {@link Source} has at a position behind the configuration. */
    static int shifted(int position) {
        return position + UUID_SUBSECTION_BYTES;
    }

    /** Sends all of a guest but the end of its main stream. */
    void begin(Source source) throws IOException {
        for (int i = 0; i < source.connections.size(); i++) {
            byte[] bytes = source.connections.get(i);
            send(bytes, i == 0 ? Math.min(bytes.length, shifted(Source.DEVICE_STATE)) : bytes.length, Peer.Then.CLOSE);
        }
    }

    /** Connects, sends a part at once and the rest when all are released. */
    void send(byte[] bytes, int atOnce, Peer.Then then) throws IOException {
        SocketChannel socket = SocketChannel.open();
        sockets.add(socket);
        socket.bind(new InetSocketAddress(host, 0));
        socket.connect(new InetSocketAddress(destination.host(), destination.port()));
        threads.add(Thread.ofVirtual().name("crowd").start(() -> {
            try {
                write(socket, ByteBuffer.wrap(bytes, 0, atOnce));
                if (atOnce < bytes.length) {
                    released.await();
                    write(socket, ByteBuffer.wrap(bytes, atOnce, bytes.length - atOnce));
                }
                switch (then) {
                    case CLOSE -> socket.shutdownOutput();
                    case RESET -> {
                        socket.setOption(StandardSocketOptions.SO_LINGER, 0);
                        socket.close();
                    }
                    case SILENCE -> {}
                }
                socket.read(ByteBuffer.allocate(1));
            } catch (IOException | InterruptedException e) {
                // The other end has closed the connection.
            }
        }));
    }

    private static void write(SocketChannel socket, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            socket.write(bytes);
        }
    }

    void release() {
        released.countDown();
    }

    /** Waits until the other end has closed all connections. */
    void awaitClosed() throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
    }

    /** The same, while nothing is released: whoever waits to send the rest is not waited for, its connection is. */
    void awaitClosedUnanswered() throws IOException, InterruptedException {
        for (SocketChannel socket : sockets) {
            ByteBuffer byteToCome = ByteBuffer.allocate(1);
            try {
                while (socket.read(byteToCome.clear()) >= 0) {
                    // What else it is told does not matter.
                }
            } catch (IOException e) {
                // Reset: closed with something unread.
            }
        }
        release();
        awaitClosed();
    }

    @Override
    public void close() throws IOException {
        release();
        for (SocketChannel socket : sockets) {
            socket.close();
        }
        for (Thread thread : threads) {
            thread.interrupt();
        }
    }
}
