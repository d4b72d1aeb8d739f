package io.pageferry.hostile;

import static io.pageferry.hostile.Source.DATA_PACKET;
import static io.pageferry.hostile.Source.LAST_SYNC_PACKET;
import static io.pageferry.hostile.Source.SYNC_PACKET;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pageferry.image.Image;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationStatus;
import io.pageferry.stream.DeviceStatePiece;
import io.pageferry.stream.DeviceStateSource;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.StreamBytes;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Device state beside RAM, packet by packet as the wire has it: wherever it stands on a channel, and however it falls
 * into reads. By hand, since in QEMU only vfio devices send any.
 */
@LeakFree
@Timeout(60)
class DeviceStateSourceTest {
    private static final int CHANNEL_0 = 1;

    @TempDir
    Path folder;

    /** Lengths around those of a packet with pages, which is what is read at once, and larger than any buffer. */
    static Stream<Arguments> pieces() {
        return Stream.of(SYNC_PACKET, DATA_PACKET, LAST_SYNC_PACKET, Integer.MAX_VALUE)
                .flatMap(position -> Stream.of(
                                List.of(1),
                                List.of(1, 2, 3, 4, 5),
                                List.of(1067, 1068, 1069),
                                List.of(1344 - 276 - 5, 1344, 1345, 7),
                                List.of(600 * 1024, 1, 300 * 1024))
                        .map(lengths -> Arguments.of(position, lengths)));
    }

    @ParameterizedTest
    @MethodSource("pieces")
    void shouldKeepPiecesWhereverTheyStand(int position, List<Integer> lengths) throws Exception {
        Random random = new Random(7);
        StreamBytes packets = new StreamBytes();
        List<byte[]> contents = lengths.stream()
                .map(length -> {
                    byte[] content = new byte[length];
                    random.nextBytes(content);
                    packets.raw(packet("0000:00:04.0/vfio", 3, content));
                    return content;
                })
                .toList();
        Source source = new Source();
        source.insert(CHANNEL_0, Math.min(position, source.channel0().length), packets.toBytes());
        try (Intake intake = Intake.start(folder);
                Peer peer = new Peer()) {
            for (byte[] connection : source.connections) {
                peer.send(intake.uri(), connection, Peer.Then.CLOSE);
            }
            MigrationOutcome outcome = intake.awaitEnd();
            assertEquals(MigrationStatus.COMPLETED, outcome.status(), String.valueOf(outcome.failure()));
            peer.awaitClosed();
            try (Image image = Image.open(intake.image(), 0, 1 << 20, false)) {
                requireContents(contents, image.deviceStateBesideRam());
                assertEquals(4, image.present(image.layout().block(0)).count());
            }
        }
    }

    private static void requireContents(List<byte[]> expected, DeviceStateSource kept) throws Exception {
        List<DeviceStatePiece> pieces = kept.pieces();
        assertEquals(expected.size(), pieces.size());
        for (int i = 0; i < pieces.size(); i++) {
            assertEquals(new DeviceStatePiece("0000:00:04.0/vfio", 3, expected.get(i).length), pieces.get(i));
            ByteBuffer content = ByteBuffer.allocate(pieces.get(i).lengthBytes());
            kept.read(i, 0, content);
            assertArrayEquals(expected.get(i), content.array());
        }
    }

    /** As {@code MultiFDPacketDeviceState_t} has it. */
    static byte[] packet(String device, int instance, byte[] content) {
        return new StreamBytes()
                .u32(0x11223344)
                .u32(1)
                .u32(0x40)
                .text(device)
                .raw(new byte[256 - device.length()])
                .u32(instance)
                .u32(content.length)
                .raw(content)
                .toBytes();
    }
}
