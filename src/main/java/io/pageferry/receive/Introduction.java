package io.pageferry.receive;

import io.pageferry.net.Connection;
import io.pageferry.net.NetException;
import io.pageferry.net.tls.TlsRecord;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.MainStreamReader;
import io.pageferry.stream.StreamInput;
import io.pageferry.wire.InitialPacketFlyweight;
import io.pageferry.wire.InitialPacketValidator;
import io.pageferry.wire.Multifd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What a connection's first bytes say of whom it belongs to. They are only looked at, and stay for the migration that
 * it turns out to be of.
 */
public sealed interface Introduction {
    /** All channel ids that the wire can have. */
    int ANY_CHANNEL = 256;

    /**
     * Longer than any configuration section that is let in: what a peer can make us hold before it belongs to a
     * migration.
     */
    int MAX_HEADER_BYTES = 32 * 1024;

    /**
     * The main channel.
     *
     * @param uuid the guest's, where the source has {@code validate-uuid} and the guest one
     */
    record Main(Optional<UUID> uuid) implements Introduction {}

    /** A multifd channel. */
    record Channel(UUID uuid, int id) implements Introduction {}

    /** Waits for the first bytes of a connection that has begun: its magic. */
    static int firstBytes(Connection connection) throws IOException {
        return connection.peek(Integer.BYTES, "first four bytes").getInt();
    }

    /** Waits for the bytes that it takes, on a connection that has begun. */
    static Introduction of(Connection connection) throws IOException {
        int magic = firstBytes(connection);
        if (magic == Multifd.MAIN_CHANNEL_MAGIC) {
            connection.name("main channel from " + connection.peer());
            return new Main(readHeader(connection).uuid());
        }
        if (magic != Multifd.MAGIC) {
            throw stranger(connection, magic);
        }
        byte[] bytes = new byte[InitialPacketFlyweight.LENGTH];
        connection.peek(bytes.length, "initial packet").get(bytes);
        InitialPacketFlyweight packet = new InitialPacketFlyweight().wrap(new UnsafeBuffer(bytes), 0);
        InitialPacketValidator.validate(packet, ANY_CHANNEL, packet.uuid());
        connection.name("channel=" + packet.channelId() + " from " + connection.peer());
        return new Channel(packet.uuid(), packet.channelId());
    }

    private static Configuration readHeader(Connection connection) throws IOException {
        int[] seen = {0};
        StreamInput in = new StreamInput((into, what) -> {
            if (seen[0] >= MAX_HEADER_BYTES) {
                throw new NetException("stream's configuration must be " + MAX_HEADER_BYTES
                        + " bytes at the most: peer=" + connection.peer());
            }
            ByteBuffer bytes = connection.peek(seen[0] + 1, what);
            bytes.position(bytes.position() + seen[0]);
            int length = Math.min(bytes.remaining(), into.remaining());
            into.put(bytes.limit(bytes.position() + length));
            seen[0] += length;
            return length;
        });
        return new MainStreamReader(in).readHeader();
    }

    /** What to throw at a connection that is no channel of any migration. */
    static NetException stranger(Connection connection, int magic) {
        if (TlsRecord.isBeginning(magic)) {
            return new NetException(String.format(
                    "source must not speak TLS where tls-creds are not set, set them on both ends or on none:"
                            + " peer=%s firstBytes=0x%08x",
                    connection.peer(), magic));
        }
        byte[] text = ByteBuffer.allocate(Integer.BYTES).putInt(magic).array();
        return new NetException(String.format(
                "connection must begin as a main or a multifd channel: peer=%s firstBytes=0x%08x (\"%s\")",
                connection.peer(), magic, new String(text, StandardCharsets.ISO_8859_1).replaceAll("[^ -~]", ".")));
    }
}
