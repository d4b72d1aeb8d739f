package io.pageferry.load.target;

import io.pageferry.config.ConfigException;
import io.pageferry.config.MigrationUri;
import io.pageferry.load.LoadException;
import io.pageferry.load.Scenario;
import io.pageferry.load.Setting;
import io.pageferry.load.worker.JsonConnection;
import io.pageferry.load.worker.Received;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;

/** A {@link Sink} on another machine, or on this one: what lies between is a real link. */
public record SinkTarget(MigrationUri.Tcp sink, Scenario scenario) implements Target {
    /** A sink speaks as soon as it is reached; nobody else who waits for migrations does. */
    private static final Duration GREETING_TIMEOUT = Duration.ofSeconds(5);

    public SinkTarget {
        if (!scenario.is(Setting.TLS, "off") || !scenario.is(Setting.DESTINATION, "memory")) {
            throw new ConfigException("guests for a sink must go without TLS, and to no image: tls="
                    + scenario.text(Setting.TLS) + " destination=" + scenario.text(Setting.DESTINATION));
        }
    }

    @Override
    public Reception receive() throws IOException {
        JsonConnection connection = connect();
        try {
            connection.write(Sink.Request.of(scenario));
            Sink.Ready ready = connection.read(Sink.Ready.class);
            return new Guest(connection, new MigrationUri.Tcp(sink.host(), ready.port()).toString());
        } catch (IOException e) {
            connection.close();
            throw e;
        }
    }

    /** Connects, and makes sure that a sink is there before anything is sent. */
    private JsonConnection connect() throws IOException {
        SocketChannel channel = SocketChannel.open();
        try {
            Socket socket = channel.socket();
            socket.connect(new InetSocketAddress(sink.host(), sink.port()), (int) GREETING_TIMEOUT.toMillis());
            JsonConnection connection = new JsonConnection(channel, socket.getInputStream());
            socket.setSoTimeout((int) GREETING_TIMEOUT.toMillis());
            requireSink(connection);
            socket.setSoTimeout(0);
            return connection;
        } catch (LoadException e) {
            channel.close();
            throw e;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw new LoadException("sink must be reached: sink=" + sink + " reason=\"" + e + "\"", e);
        }
    }

    private void requireSink(JsonConnection connection) throws LoadException {
        try {
            connection.read(Sink.Greeting.class).require();
        } catch (IOException | JacksonException e) {
            throw new LoadException(
                    "link must have at its other end what pageferry load --sink starts (a QEMU's -incoming takes one"
                            + " migration only): uri="
                            + sink + " reason=\"" + e.getMessage() + "\"",
                    e);
        }
    }

    private record Guest(JsonConnection connection, String uri) implements Reception {
        @Override
        public Optional<String> await() throws IOException {
            try {
                return Optional.ofNullable(connection.read(Received.class).error());
            } catch (EOFException e) {
                throw new LoadException("guest must be taken in: reason=\"its sink has hung up\"", e);
            }
        }

        @Override
        public void close() throws IOException {
            connection.close();
        }
    }

    /** The sink's processor time is not known here. */
    @Override
    public List<ProcessHandle> processes() {
        return List.of();
    }

    @Override
    public void close() {
        // The sink is somebody else's to end.
    }
}
