package io.pageferry.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.Golden;
import io.pageferry.wire.PacketGeometry;
import io.pageferry.wire.RamPacketFlyweight;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class PageBatchTest {
    private static final PacketGeometry GEOMETRY = new PacketGeometry(4096);
    private static final RamBlock BLOCK = new RamBlock(0, "ram", 1L << 40, 4096);

    private final PageBatch batch = new PageBatch(RamPacketFlyweight.OFFSETS_FIELD_OFFSET, GEOMETRY.pagesPerPacket());

    @Test
    void shouldBeAsLongAsAPacketOnTheWire() {
        assertEquals(Golden.packet("qemu-10.0/normal").capacity(), batch.bytes().capacity());
        assertEquals(GEOMETRY.ramPacketLength(), batch.buffer().capacity());
    }

    /** The offsets that a batch gives are those that the packet's flyweight finds in the same bytes. */
    @Test
    void shouldHaveItsOffsetsWhereThePacketHasThem() {
        batch.begin(BLOCK);
        batch.add(0x1000);
        batch.add(0x12_3456_7000L);
        batch.addZero(0xff_ffff_f000L);
        RamPacketFlyweight packet = new RamPacketFlyweight().wrap(batch.buffer(), 0);
        assertEquals(0x1000, packet.pageOffset(0));
        assertEquals(0x12_3456_7000L, packet.pageOffset(1));
        assertEquals(0xff_ffff_f000L, packet.pageOffset(2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"qemu-10.0/mixed", "qemu-10.0/normal", "qemu-10.0/zero", "qemu-7.2/normal"})
    void shouldGiveTheOffsetsOfAPacketOfQemu(String name) {
        batch.buffer().putBytes(0, Golden.bytes(name + ".packet"));
        RamPacketFlyweight packet = new RamPacketFlyweight().wrap(Golden.packet(name), 0);
        batch.received(BLOCK, packet.normalPages(), packet.zeroPages());
        assertTrue(batch.pages() > 0);
        for (int slot = 0; slot < batch.pages(); slot++) {
            assertEquals(packet.pageOffset(slot), batch.offset(slot));
        }
    }

    @Test
    void shouldLeaveTheFieldsInFrontOfTheOffsetsAlone() {
        batch.buffer().setMemory(0, RamPacketFlyweight.OFFSETS_FIELD_OFFSET, (byte) 0x5a);
        fill();
        for (int i = 0; i < RamPacketFlyweight.OFFSETS_FIELD_OFFSET; i++) {
            assertEquals(0x5a, batch.buffer().getByte(i));
        }
    }

    @Test
    void shouldBeFullWhenAllSlotsAreTaken() {
        batch.begin(BLOCK);
        assertTrue(batch.isEmpty());
        for (int slot = 0; slot < batch.capacity(); slot++) {
            assertFalse(batch.isFull());
            if (slot < 100) {
                batch.add(slot * 4096L);
            } else {
                batch.addZero(slot * 4096L);
            }
        }
        assertTrue(batch.isFull());
        assertEquals(100, batch.normalPages());
        assertEquals(28, batch.zeroPages());
        assertEquals(128, batch.pages());
    }

    @Test
    void shouldTakeAsMuchOfARunAsThereIsRoomFor() {
        batch.begin(BLOCK);
        assertEquals(3, batch.addRun(0x5000, 3));
        assertEquals(100, batch.addZeroRun(0x12_3456_7000L, 100));
        assertEquals(25, batch.addZeroRun(0xff_0000_0000L, Long.MAX_VALUE / 4096));
        assertEquals(0, batch.addZeroRun(0, 1));
        assertTrue(batch.isFull());
        assertEquals(3, batch.normalPages());
        assertEquals(125, batch.zeroPages());
        assertEquals(0x5000, batch.offset(0));
        assertEquals(0x7000, batch.offset(2));
        assertEquals(0x12_3456_7000L, batch.offset(3));
        assertEquals(0x12_3456_7000L + 99 * 4096, batch.offset(102));
        assertEquals(0xff_0000_0000L + 24 * 4096, batch.offset(127));
    }

    @Test
    void shouldRefusePageWhenItIsFull() {
        fill();
        assertThrows(IndexOutOfBoundsException.class, () -> batch.add(0));
    }

    @Test
    void shouldBeEmptyWhenItBeginsAgain() {
        fill();
        RamBlock other = new RamBlock(1, "rom", 4096, 4096);
        batch.begin(other);
        assertTrue(batch.isEmpty());
        assertEquals(other, batch.block());
        batch.add(0);
        assertEquals(1, batch.pages());
    }

    @Test
    void shouldFindRunsUpToAnEnd() {
        batch.begin(BLOCK);
        for (long page : new long[] {3, 4, 5, 7, 8, 1}) {
            batch.add(page * 4096);
        }
        assertEquals(3, batch.runLength(0, 6));
        assertEquals(2, batch.runLength(1, 6));
        assertEquals(1, batch.runLength(2, 6));
        assertEquals(2, batch.runLength(3, 6));
        assertEquals(1, batch.runLength(3, 4));
        assertEquals(1, batch.runLength(5, 6));
    }

    @Test
    void shouldEndRunOfNormalPagesWhereZeroPagesBegin() {
        batch.begin(BLOCK);
        batch.add(0);
        batch.add(4096);
        batch.addZero(8192);
        assertEquals(2, batch.runLength(0, batch.normalPages()));
    }

    @Test
    void shouldRefuseBlockWhenItIsNotWholePages() {
        assertEquals(
                "block length must be whole pages: block=ram length=0x1001 pageSize=4096",
                assertThrows(IllegalArgumentException.class, () -> new RamBlock(0, "ram", 0x1001, 4096))
                        .getMessage());
    }

    @Test
    void shouldSumItsBlocksWhenLayoutIsMade() {
        RamLayout layout = new RamLayout(4096, List.of("a", "b"), new long[] {3L << 30, 4096});
        assertEquals((3L << 30) + 4096, layout.totalBytes());
        assertEquals(layout.totalBytes() / 4096, layout.totalPages());
        assertEquals(1, layout.block(1).index());
    }

    @Test
    void shouldRefuseLayoutWhenItsSumDoesNotFit() {
        long half = Long.MAX_VALUE & -4096;
        assertThrows(ArithmeticException.class, () -> new RamLayout(4096, List.of("a", "b"), new long[] {half, half}));
    }

    private void fill() {
        batch.begin(BLOCK);
        for (int slot = 0; slot < batch.capacity(); slot++) {
            batch.add(slot * 4096L);
        }
    }
}
