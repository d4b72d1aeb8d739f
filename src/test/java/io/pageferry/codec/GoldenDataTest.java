package io.pageferry.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pageferry.memory.BufferPool;
import io.pageferry.memory.GuestMemory;
import io.pageferry.memory.IoVector;
import io.pageferry.memory.RamLayout;
import io.pageferry.testing.Golden;
import io.pageferry.testing.LeakFree;
import io.pageferry.wire.Multifd;
import io.pageferry.wire.RamPacketFlyweight;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Page data that a real QEMU has packed in the place of accelerators, unpacked by the JDK and by what else is there.
 */
@LeakFree
@Timeout(60)
class GoldenDataTest {
    private static final int PAGE = 4096;
    private static final Deflates JDK = new Deflates(Optional.empty());

    @ParameterizedTest
    @ValueSource(strings = {"normal", "mixed", "random"})
    void shouldUnpackWhatQplHasPacked(String name) throws Exception {
        requireUnpacked(new QplCodec(JDK), name);
        requireUnpacked(standard(new QplCodec(JDK)), name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"normal", "mixed", "random"})
    void shouldUnpackWhatQatzipHasPacked(String name) throws Exception {
        requireUnpacked(new QatzipCodec(JDK), name);
        requireUnpacked(standard(new QatzipCodec(JDK)), name);
    }

    private static PageCodec standard(PageCodec codec) throws CodecException {
        return Codecs.standard().of(codec.method());
    }

    private static void requireUnpacked(PageCodec codec, String name) throws Exception {
        String packetName = "qemu-10.2/" + codec.method().qemuName() + "-" + name;
        RamPacketFlyweight packet = new RamPacketFlyweight().wrap(Golden.packet(packetName), 0);
        byte[] data = Golden.bytes(packetName + ".data");
        byte[] expected = Golden.bytes("qemu-10.2/" + name + ".pages.gz");
        assertEquals(packet.nextPacketSize(), data.length);
        assertEquals(packet.normalPages() * PAGE, expected.length);

        RamLayout layout = new RamLayout(PAGE, List.of("pc.ram"), new long[] {expected.length});
        try (GuestMemory memory = new GuestMemory(layout);
                BufferPool buffers = new BufferPool(Multifd.MAX_COMPRESSED_BYTES, 1, 1);
                PageDecoder decoder = codec.newDecoder(buffers)) {
            IoVector pages = new IoVector(packet.normalPages());
            for (long offset = 0; offset < expected.length; offset += PAGE) {
                pages.add(memory.region(layout.block(0)), offset, PAGE);
            }
            PageData peer = PageCodecSuite.peer(data);
            decoder.receive(peer, data.length);
            decoder.decode(peer, pages, PAGE);
            decoder.release();
            assertArrayEquals(expected, memory.region(layout.block(0)).segment().toArray(ValueLayout.JAVA_BYTE));
        }
    }
}
