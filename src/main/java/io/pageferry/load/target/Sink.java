package io.pageferry.load.target;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.config.MultifdCompression;
import io.pageferry.load.LoadException;
import io.pageferry.load.Scenario;
import io.pageferry.load.Setting;
import io.pageferry.load.worker.DiscardDestination;
import io.pageferry.load.worker.JsonConnection;
import io.pageferry.load.worker.Received;
import io.pageferry.net.Listener;
import io.pageferry.session.IncomingMigration;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * Takes any number of migrations off the wire and keeps nothing of them, so that a link can be measured from its other
 * end. Whoever connects is greeted, asks for what it will send, and is told a port for it; several may do so at once.
 *
 * <p>It listens until its thread is interrupted. Each who asks has a virtual thread.
 */
public final class Sink {
    static final Greeting GREETING = new Greeting("pageferry-sink", 1);

    private static final Logger LOG = LoggerFactory.getLogger(Sink.class);

    /** A request is far smaller; more is not listened to. */
    private static final int MAX_REQUEST_BYTES = 4096;

    /** Each may bring as many connections as it has channels; more wait their turn. */
    private static final int MAX_GUESTS = 64;

    private static final int BACKLOG = 64;
    private static final int ROUND_TRIPS = 5;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    /** What a sink says first: whoever says nothing, or something else, is none. */
    record Greeting(String service, int version) {
        void require() throws LoadException {
            if (!equals(GREETING)) {
                throw new LoadException("greeting must be a sink's: greeting=" + this);
            }
        }
    }

    /** What is going to be sent. */
    record Request(int multifdChannels, String multifdCompression) {
        static Request of(Scenario scenario) {
            return new Request(scenario.number(Setting.MULTIFD_CHANNELS), scenario.text(Setting.MULTIFD_COMPRESSION));
        }

        MigrationParameters parameters() {
            return MigrationParameters.builder()
                    .multifdChannels(multifdChannels)
                    .compression(MultifdCompression.valueOf(multifdCompression.toUpperCase(Locale.ROOT)))
                    .build();
        }
    }

    /** Where to send it. */
    record Ready(int port) {}

    private final Semaphore guests = new Semaphore(MAX_GUESTS);

    private Sink() {}

    /**
     * Serves until it is interrupted.
     *
     * @param listening is told where, once it can be connected to
     */
    public static void serve(MigrationUri.Tcp uri, Consumer<MigrationUri.Tcp> listening)
            throws IOException, InterruptedException {
        Sink sink = new Sink();
        try (ServerSocketChannel listener = ServerSocketChannel.open()) {
            InetAddress host = uri.host().isEmpty() ? null : InetAddress.getByName(uri.host());
            try {
                listener.bind(new InetSocketAddress(host, uri.port()), BACKLOG);
            } catch (IOException e) {
                throw new LoadException(
                        "address must be free to listen at: uri=" + uri + " reason=\"" + e.getMessage() + "\"", e);
            }
            int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
            listening.accept(new MigrationUri.Tcp(uri.host(), port));
            while (true) {
                SocketChannel accepted = listener.accept();
                sink.guests.acquire();
                Thread.ofVirtual().name("sink").start(() -> sink.serveSource(accepted));
            }
        }
    }

    private void serveSource(SocketChannel channel) {
        try (JsonConnection source = new JsonConnection(channel, bounded(channel))) {
            source.write(GREETING);
            receive(source.read(Request.class), source, localHost(channel));
        } catch (IOException | IllegalArgumentException | JacksonException e) {
            LOG.debug("sink has let somebody go: reason=\"{}\"", e.toString());
        } finally {
            guests.release();
        }
    }

    /** Where the guest comes is where it was asked for, on a port of its own. */
    private static String localHost(SocketChannel channel) throws IOException {
        return ((InetSocketAddress) channel.getLocalAddress()).getAddress().getHostAddress();
    }

    private static void receive(Request request, JsonConnection source, String host) throws IOException {
        MigrationParameters parameters = request.parameters();
        MigrationUri.Tcp anyPort = new MigrationUri.Tcp(host, 0);
        try (Listener listener = Listener.open(anyPort, parameters.multifdChannels() + 1);
                DiscardDestination destination = new DiscardDestination()) {
            IncomingMigration migration = IncomingMigration.from(listener, Optional.empty(), parameters, destination);
            source.onHangUp("lost-source", migration::cancel);
            source.write(new Ready(((MigrationUri.Tcp) listener.uri()).port()));
            source.write(Received.of(migration.run()));
        }
    }

    private static InputStream bounded(SocketChannel channel) {
        return new FilterInputStream(Channels.newInputStream(channel)) {
            private int left = MAX_REQUEST_BYTES;

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                if (left == 0) {
                    throw new LoadException("request must be shorter: limit=" + MAX_REQUEST_BYTES);
                }
                int read = super.read(into, offset, Math.min(length, left));
                left -= Math.max(read, 0);
                return read;
            }
        };
    }

    /** The time that a connection takes to be there, which is one round trip: the median of a few, in nanoseconds. */
    public static long roundTripNanos(MigrationUri.Tcp sink) throws IOException {
        List<Long> nanos = new ArrayList<>();
        for (int i = 0; i < ROUND_TRIPS; i++) {
            InetSocketAddress address = new InetSocketAddress(sink.host(), sink.port());
            long start = System.nanoTime();
            try (Socket socket = new Socket()) {
                socket.connect(address, (int) CONNECT_TIMEOUT.toMillis());
                nanos.add(System.nanoTime() - start);
            } catch (IOException e) {
                throw new LoadException("sink must be reached: sink=" + sink + " reason=\"" + e.getMessage() + "\"", e);
            }
        }
        long[] sorted = nanos.stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
