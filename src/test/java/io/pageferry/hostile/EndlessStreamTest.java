package io.pageferry.hostile;

import static io.pageferry.hostile.Source.CHANNELS;
import static io.pageferry.hostile.Source.DATA_PACKET;
import static io.pageferry.hostile.Source.LAST_SYNC_PACKET;
import static io.pageferry.hostile.Source.PAGE_DATA;
import static io.pageferry.hostile.Source.PART_SECTION;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationUri;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.StreamBytes;
import io.pageferry.wire.PacketGeometry;
import io.pageferry.wire.RamPacketFlyweight;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A source that goes on and on, and brings nothing: it holds its place no longer than a silent one could, whatever it
 * says.
 */
@LeakFree
@Timeout(60)
class EndlessStreamTest {
    private static final Duration STALL = Duration.ofMillis(300);
    private static final long BETWEEN_NANOS = STALL.toNanos() / 30;
    private static final String IDLE = "peer must bring pages or device state, ";
    private static final String FLOOD = "peer must bring pages or device state among what else it says: ";
    private static final int RAM_SECTION = 2;

    @TempDir
    Path folder;

    private enum Talk {
        PINGS(0) {
            @Override
            byte[] next(int i) {
                return new StreamBytes().u8(8).u16(2).u16(4).u32(i).toBytes();
            }
        },
        EMPTY_SECTIONS(0) {
            @Override
            byte[] next(int i) {
                return new StreamBytes()
                        .u8(2)
                        .u32(RAM_SECTION)
                        .u64(0x10)
                        .u8(0x7e)
                        .u32(RAM_SECTION)
                        .toBytes();
            }
        },
        EMPTY_PACKETS(1) {
            @Override
            byte[] next(int i) {
                PacketGeometry geometry = new PacketGeometry(Source.PAGE);
                byte[] bytes = new byte[geometry.ramPacketLength()];
                RamPacketFlyweight packet = new RamPacketFlyweight();
                packet.wrap(new UnsafeBuffer(bytes), 0).fillSync(i, geometry);
                bytes[11] = 0; // no SYNC
                return bytes;
            }
        },
        A_PAGE_BYTE_BY_BYTE(1) {
            @Override
            byte[] next(int i) {
                return Arrays.copyOfRange(new Source().channel0(), DATA_PACKET + i, DATA_PACKET + i + 1);
            }

            /** Its packet's header at once, or it would all be that. */
            @Override
            int begun() {
                return PAGE_DATA;
            }
        };

        private final int connection;

        Talk(int connection) {
            this.connection = connection;
        }

        abstract byte[] next(int i);

        int begun() {
            return connection == 0 ? PART_SECTION : DATA_PACKET;
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldEndWhenNothingComesButWords(Talk talk) throws Exception {
        try (Intake intake = Intake.start(folder, STALL);
                Talker talker = new Talker(intake)) {
            talker.begin(talk);
            talker.talk(talk, BETWEEN_NANOS);
            String reason = intake.awaitFailure();
            assertTrue(reason.startsWith(IDLE), reason);
        }
    }

    @Test
    void shouldEndWhenWordsComeFasterThanTheyAreWorth() throws Exception {
        try (Intake intake = Intake.start(folder, Duration.ofSeconds(60));
                Talker talker = new Talker(intake)) {
            talker.begin(Talk.PINGS);
            talker.talk(Talk.PINGS, 0);
            String reason = intake.awaitFailure();
            assertTrue(reason.startsWith(FLOOD), reason);
        }
    }

    /** For longer than a source may bring nothing. */
    @Test
    void shouldGoOnWhenNothingComesButZeroPagesAndNowAndThen() throws Exception {
        try (Intake intake = Intake.start(folder, STALL);
                Talker talker = new Talker(intake)) {
            talker.begin(Talk.EMPTY_PACKETS);
            byte[] zeroPage = new byte[PAGE_DATA - DATA_PACKET];
            System.arraycopy(new Source().channel0(), DATA_PACKET, zeroPage, 0, zeroPage.length);
            RamPacketFlyweight packet = new RamPacketFlyweight();
            packet.wrap(new UnsafeBuffer(zeroPage), 0);
            ByteBuffer counts = ByteBuffer.wrap(zeroPage);
            counts.putInt(16, 0).putInt(20, 0).putInt(32, 1);
            long end = System.nanoTime() + 4 * STALL.toNanos();
            while (System.nanoTime() - end < 0) {
                talker.write(1, zeroPage);
                LockSupport.parkNanos(STALL.toNanos() / 10);
            }
            byte[] channel = new Source().channel0();
            talker.write(1, Arrays.copyOfRange(channel, DATA_PACKET, channel.length));
            talker.finish();
            MigrationOutcome outcome = intake.awaitEnd();
            assertTrue(outcome.completed(), () -> outcome.failure().toString());
        }
    }

    /** The three connections of a source. */
    private static final class Talker implements AutoCloseable {
        private final List<SocketChannel> sockets = new ArrayList<>();
        private final Source source = new Source();

        Talker(Intake intake) throws IOException {
            MigrationUri.Tcp uri = (MigrationUri.Tcp) intake.uri();
            for (int i = 0; i <= CHANNELS; i++) {
                sockets.add(SocketChannel.open(new InetSocketAddress(uri.host(), uri.port())));
            }
        }

        /** Everything up to where it could go on; the other channel has brought its pages. */
        void begin(Talk talk) throws IOException {
            write(0, Arrays.copyOf(source.main(), PART_SECTION));
            write(1, Arrays.copyOf(source.channel0(), talk.connection == 1 ? talk.begun() : DATA_PACKET));
            write(2, Arrays.copyOf(source.connections.get(2), LAST_SYNC_PACKET));
        }

        void talk(Talk talk, long betweenNanos) {
            try {
                for (int i = 0; ; i++) {
                    write(
                            talk.connection,
                            talk.next(talk == Talk.A_PAGE_BYTE_BY_BYTE ? i + PAGE_DATA - DATA_PACKET : i));
                    if (betweenNanos > 0) {
                        LockSupport.parkNanos(betweenNanos);
                    }
                }
            } catch (IOException e) {
                // It was cut off.
            }
        }

        void finish() throws IOException {
            byte[] other = source.connections.get(2);
            write(2, Arrays.copyOfRange(other, LAST_SYNC_PACKET, other.length));
            write(0, Arrays.copyOfRange(source.main(), PART_SECTION, source.main().length));
            for (SocketChannel socket : sockets) {
                socket.shutdownOutput();
            }
        }

        void write(int connection, byte[] bytes) throws IOException {
            ByteBuffer rest = ByteBuffer.wrap(bytes);
            while (rest.hasRemaining()) {
                sockets.get(connection).write(rest);
            }
        }

        @Override
        public void close() throws IOException {
            for (SocketChannel socket : sockets) {
                socket.close();
            }
        }
    }
}
