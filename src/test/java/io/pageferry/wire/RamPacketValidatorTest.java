package io.pageferry.wire;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pageferry.testing.Golden;
import java.nio.ByteOrder;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Packets of real QEMUs, spoilt in one place at a time. */
@Timeout(30)
class RamPacketValidatorTest {
    private static final int PAGES_ALLOC = 12;
    private static final int NORMAL_PAGES = 16;
    private static final int NEXT_PACKET_SIZE = 20;
    private static final int ZERO_PAGES = 32;
    private static final int BLOCK = 64;
    private static final int OFFSETS = 320;

    private static final RamBlockTable BLOCKS = new RamBlockTable(
            List.of("pc.ram", "/rom@etc/acpi/tables", "pc.rom", "/rom@etc/acpi/rsdp"),
            new long[] {64L << 20, 0x20000, 0x20000, 0x1000});

    /** 3 normal and 29 zero pages of a block of 32. */
    private final UnsafeBuffer packet = Golden.packet("qemu-10.0/mixed");

    @ParameterizedTest
    @CsvSource({
        "qemu-10.0/normal, 0",
        "qemu-10.0/mixed, 1",
        "qemu-10.0/zero, 2",
        "qemu-10.0/sync, -1",
        "qemu-7.2/normal, 0",
        "qemu-7.2/sync-at-start, -1",
        "qemu-7.2/sync-with-page, 3",
        "qemu-7.2/empty-after-sync, -1",
        "qemu-7.2/sync-after-pages, -1"
    })
    void shouldFindTheBlockWhenPacketIsQemus(String name, int block) throws WireException {
        assertEquals(block, validate(Golden.packet(name), CompressionMethod.NONE));
    }

    @Test
    void shouldRefusePacketWhenItIsCompressedAndThatWasNotAgreed() {
        putInt(8, 0x04);
        assertEquals(
                "packet's compression must be the agreed one, set multifd-compression as the source has it:"
                        + " channel=5 compression=zstd agreed=none flags=0x4",
                refusal());
    }

    @Test
    void shouldRefusePacketWhenItNamesTwoMethods() {
        putInt(8, 0x06);
        assertEquals(
                "packet's compression must be the agreed one, set multifd-compression as the source has it:"
                        + " channel=5 compression=unknown agreed=none flags=0x6",
                refusal());
    }

    @Test
    void shouldRefusePacketWhenItIsNotCompressedAndThatWasAgreed() {
        assertEquals(
                "packet's compression must be the agreed one, set multifd-compression as the source has it:"
                        + " channel=5 compression=none agreed=zlib flags=0x0",
                assertThrows(WireException.class, () -> validate(packet, CompressionMethod.ZLIB))
                        .getMessage());
    }

    @Test
    void shouldAcceptSyncWithoutAMethodWhenOneWasAgreed() {
        assertDoesNotThrow(() -> validate(Golden.packet("qemu-10.0/sync"), CompressionMethod.ZSTD));
    }

    @ParameterizedTest
    @CsvSource({"129, 129", "-1, 4294967295"})
    void shouldRefusePacketWhenPagesAllocIsOverTheSlots(int value, String shown) {
        putInt(PAGES_ALLOC, value);
        assertEquals("packet's pages_alloc must be 128 at the most: channel=5 pages_alloc=" + shown, refusal());
    }

    @ParameterizedTest
    @CsvSource({"129, 129", "-2147483648, 2147483648"})
    void shouldRefusePacketWhenNormalPagesAreOverTheSlots(int value, String shown) {
        putInt(NORMAL_PAGES, value);
        assertEquals("packet's normal_pages must be 128 at the most: channel=5 normal_pages=" + shown, refusal());
    }

    @ParameterizedTest
    @CsvSource({"126, 126", "-1, 4294967295"})
    void shouldRefusePacketWhenZeroPagesAreOverTheSlotsThatAreLeft(int value, String shown) {
        putInt(ZERO_PAGES, value);
        assertEquals("packet's zero_pages must be 125 at the most: channel=5 zero_pages=" + shown, refusal());
    }

    @ParameterizedTest
    @ValueSource(strings = {"pc.ra", "/rom@etc/acpi/table", "/rom@etc/acpi/tables2", "PC.RAM"})
    void shouldRefusePacketWhenNoBlockHasItsName(String name) {
        putName(name);
        assertEquals("packet's block must be one of the guest's: channel=5 block=" + name, refusal());
    }

    @Test
    void shouldRefusePacketWhenItHasPagesAndNamesNoBlock() {
        putName("");
        assertEquals("packet's block must be one of the guest's: channel=5 block=", refusal());
    }

    @Test
    void shouldRefusePacketWhenBlockNameDoesNotEnd() {
        packet.setMemory(BLOCK, 256, (byte) 'x');
        assertEquals("packet's block must be one of the guest's: channel=5 block=" + "x".repeat(64), refusal());
    }

    @Test
    void shouldPrintNoControlCharactersWhenBlockNameHasThem() {
        putName("\u001b[31m pc");
        assertEquals("packet's block must be one of the guest's: channel=5 block=?[31m?pc", refusal());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 3, 31})
    void shouldRefusePacketWhenAnOffsetIsNotAPages(int slot) {
        putOffset(slot, 0x1800);
        assertEquals(
                "page offset must be a multiple of the page size: channel=5 block=/rom@etc/acpi/tables offset=0x1800"
                        + " pageSize=4096",
                refusal());
    }

    @ParameterizedTest
    @CsvSource({"0, 0x20000", "2, 0x7ffffffffffff000", "3, 0x20000", "31, 0x8000000000000000", "31, 0xfffffffffffff000"
    })
    void shouldRefusePacketWhenAnOffsetIsNotInItsBlock(int slot, String offset) {
        putOffset(slot, Long.parseUnsignedLong(offset.substring(2), 16));
        assertEquals(
                "page offset must lie in its block: channel=5 block=/rom@etc/acpi/tables offset=" + offset
                        + " length=0x20000",
                refusal());
    }

    @Test
    void shouldAcceptPacketWhenAnOffsetIsTheBlocksLastPage() {
        putOffset(2, 0x1f000);
        assertDoesNotThrow(() -> validate(packet, CompressionMethod.NONE));
    }

    @Test
    void shouldNotLookAtSlotsWhenTheyAreNotUsed() {
        putOffset(32, -1);
        putOffset(127, 1);
        assertDoesNotThrow(() -> validate(packet, CompressionMethod.NONE));
    }

    @ParameterizedTest
    @CsvSource({"12287, 12287", "0, 0", "16384, 16384", "-12288, 4294955008"})
    void shouldRefusePacketWhenDataIsNotItsPagesSize(int value, String shown) {
        putInt(NEXT_PACKET_SIZE, value);
        assertEquals(
                "packet's next_packet_size must be its normal pages' size: channel=5 next_packet_size=" + shown
                        + " normal_pages=3 expected=12288",
                refusal());
    }

    @ParameterizedTest
    @CsvSource({"524289, 524289", "-1, 4294967295"})
    void shouldRefusePacketWhenItHasNoPagesAndSaysMoreThanAPacketHolds(int value, String shown) {
        UnsafeBuffer empty = Golden.packet("qemu-7.2/empty-after-sync");
        empty.putInt(NEXT_PACKET_SIZE, value, ByteOrder.BIG_ENDIAN);
        assertEquals(
                "packet's next_packet_size must be 524288 at the most: channel=5 next_packet_size=" + shown,
                assertThrows(WireException.class, () -> validate(empty, CompressionMethod.NONE))
                        .getMessage());
    }

    @Test
    void shouldGoByThePageSizeWhenItIsNotX86s() throws WireException {
        // Pages of 64 KiB: eight slots.
        UnsafeBuffer eight = new UnsafeBuffer(new byte[OFFSETS + 8 * Long.BYTES]);
        RamPacketFlyweight fields =
                new RamPacketFlyweight().wrap(eight, 0).fillPages(0, 8, 2, 6, 2 << 16, 1, BLOCKS.name(0));
        for (int slot = 0; slot < 8; slot++) {
            fields.pageOffset(slot, (long) slot << 16);
        }
        RamPacketValidator validator =
                new RamPacketValidator(5, new PacketGeometry(1 << 16), CompressionMethod.NONE, BLOCKS);
        assertEquals(0, validator.validate(fields));
        fields.pageOffset(7, 0x1000);
        assertThrows(WireException.class, () -> validator.validate(fields));
    }

    private String refusal() {
        return assertThrows(WireException.class, () -> validate(packet, CompressionMethod.NONE))
                .getMessage();
    }

    private static int validate(UnsafeBuffer bytes, CompressionMethod agreed) throws WireException {
        return new RamPacketValidator(5, new PacketGeometry(4096), agreed, BLOCKS)
                .validate(new RamPacketFlyweight().wrap(bytes, 0));
    }

    private void putInt(int at, int value) {
        packet.putInt(at, value, ByteOrder.BIG_ENDIAN);
    }

    private void putOffset(int slot, long value) {
        packet.putLong(OFFSETS + slot * Long.BYTES, value, ByteOrder.BIG_ENDIAN);
    }

    private void putName(String name) {
        packet.setMemory(BLOCK, 256, (byte) 0);
        packet.putStringWithoutLengthAscii(BLOCK, name);
    }
}
