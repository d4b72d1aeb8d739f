package io.pageferry.receive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.net.NetException;
import io.pageferry.stream.StreamException;
import io.pageferry.testing.Golden;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.Loopback;
import io.pageferry.testing.StreamBytes;
import io.pageferry.wire.WireException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who a connection says it is, while all it has said stays to be read. */
@LeakFree
@Timeout(30)
class IntroductionTest {
    private static final String MACHINE = "pc-q35-10.0";
    private static final UUID GUEST = new UUID(0x1122_3344_5566_7788L, 42);

    private Loopback connection;

    @BeforeEach
    void connect() throws Exception {
        connection = Loopback.open();
        connection.ours().begin();
    }

    @AfterEach
    void close() {
        connection.close();
    }

    @Test
    void shouldKnowAMainChannelsGuestByItsUuid() throws Exception {
        requireLeft(
                new Introduction.Main(Optional.of(GUEST)), header().raw(uuid()).u8(1));
    }

    @Test
    void shouldKnowAMainChannelWithoutUuid() throws Exception {
        requireLeft(new Introduction.Main(Optional.empty()), header().u8(1).u64(42));
    }

    @Test
    void shouldKnowAMultifdChannelOfQemus() throws Exception {
        byte[] packet = Golden.bytes("qemu-10.0/initial.packet");
        ByteBuffer golden = ByteBuffer.wrap(packet);
        UUID uuid = new UUID(golden.getLong(8), golden.getLong(16));
        requireLeft(new Introduction.Channel(uuid, packet[24]), new StreamBytes().raw(packet));
    }

    @Test
    void shouldRefuseAMultifdChannelOfAnotherVersion() throws Exception {
        byte[] packet = Golden.bytes("qemu-10.0/initial.packet");
        packet[7] = 2;
        send(new StreamBytes().raw(packet));
        assertThrows(WireException.class, () -> Introduction.of(connection.ours()));
    }

    @Test
    void shouldRefuseWhoSpeaksAnotherProtocol() throws Exception {
        send(new StreamBytes().text("GET / HTTP/1.1"));
        NetException refusal = assertThrows(NetException.class, () -> Introduction.of(connection.ours()));
        assertTrue(refusal.getMessage().endsWith("firstBytes=0x47455420 (\"GET \")"), refusal.getMessage());
    }

    @Test
    void shouldRefuseAMainChannelWhoseConfigurationIsWrong() throws Exception {
        send(new StreamBytes().u32(0x5145564d).u32(3).u8(7).u32(-1));
        assertThrows(StreamException.class, () -> Introduction.of(connection.ours()));
    }

    /** What is looked at is held in memory until the connection has found its guest. */
    @Test
    void shouldRefuseAConfigurationThatDoesNotEnd() throws Exception {
        StreamBytes stream = header();
        while (stream.length() < 3 * Introduction.MAX_HEADER_BYTES) {
            stream.raw(uuid());
        }
        send(stream);
        NetException refusal = assertThrows(NetException.class, () -> Introduction.of(connection.ours()));
        assertTrue(
                refusal.getMessage().startsWith("stream's configuration must be 32768 bytes at the most"),
                refusal.getMessage());
    }

    private static StreamBytes header() {
        return new StreamBytes()
                .u32(0x5145564d)
                .u32(3)
                .u8(7)
                .u32(MACHINE.length())
                .text(MACHINE);
    }

    private static byte[] uuid() {
        return new StreamBytes()
                .u8(5)
                .name("configuration/uuid")
                .u32(1)
                .u64(GUEST.getMostSignificantBits())
                .u64(GUEST.getLeastSignificantBits())
                .toBytes();
    }

    private void requireLeft(Introduction expected, StreamBytes stream) throws IOException {
        send(stream);
        assertEquals(expected, Introduction.of(connection.ours()));
        ByteBuffer left = ByteBuffer.allocate(stream.length());
        connection.ours().readFully(left, "all of it");
        assertEquals(ByteBuffer.wrap(stream.toBytes()), left.flip());
    }

    private void send(StreamBytes stream) throws IOException {
        connection.peers().writeFully(ByteBuffer.wrap(stream.toBytes()), "stream");
    }
}
