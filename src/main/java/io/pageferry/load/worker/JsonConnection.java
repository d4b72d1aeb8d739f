package io.pageferry.load.worker;

import io.pageferry.load.LoadException;
import io.pageferry.load.LoadJson;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * JSON objects to and from another process of this load test, a line each. One thread may read while another writes;
 * interrupting either closes the connection.
 */
public final class JsonConnection implements AutoCloseable {
    private final SocketChannel channel;
    private final BufferedReader lines;

    public JsonConnection(SocketChannel channel) {
        this(channel, Channels.newInputStream(channel));
    }

    /** One whose input is looked at on its way. */
    public JsonConnection(SocketChannel channel, InputStream in) {
        this.channel = channel;
        this.lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }

    public static JsonConnection to(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return new JsonConnection(channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    public void write(Object object) throws IOException {
        byte[] json = LoadJson.LINES.writeValueAsBytes(object);
        ByteBuffer line = ByteBuffer.allocate(json.length + 1);
        line.put(json).put((byte) '\n').flip();
        while (line.hasRemaining()) {
            channel.write(line);
        }
    }

    /** Waits for the next object; the other end closing is an {@link EOFException}. */
    public JsonNode read() throws IOException {
        String line = lines.readLine();
        if (line == null) {
            throw new EOFException("the other process must answer before it ends");
        }
        try {
            return LoadJson.LINES.readTree(line);
        } catch (JacksonException e) {
            throw new LoadException("the other process must answer in JSON: line=" + line, e);
        }
    }

    public <T> T read(Class<T> type) throws IOException {
        return LoadJson.LINES.treeToValue(read(), type);
    }

    /** Does something when the other end hangs up; nothing that it still says is read by anybody else. */
    public void onHangUp(String threadName, Runnable action) {
        Thread.ofVirtual().name(threadName).start(() -> {
            try {
                read();
            } catch (IOException e) {
                action.run();
            }
        });
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
