package io.pageferry.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.DeviceStates;
import io.pageferry.testing.Golden;
import io.pageferry.testing.StreamBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Main streams of real QEMUs, from their first byte to their last. */
@Timeout(30)
class GoldenStreamsTest {
    private static final String Q10 = "qemu-10.0/return-path.stream.gz";
    private static final String Q10_ROUNDS = "qemu-10.0/rounds.stream.gz";
    private static final String Q7 = "qemu-7.2/return-path.stream.gz";
    private static final UUID GUEST = UUID.fromString("12345678-9abc-def0-1122-334455667788");

    @Test
    void shouldReadStreamOfQemu10WhenItHasAReturnPath() throws Exception {
        MainStream stream = read(Q10, true);
        assertEquals("pc-q35-10.0", stream.configuration.machineType().name());
        assertEquals(Optional.of(GUEST), stream.configuration.uuid());
        assertEquals(List.of(), stream.configuration.capabilities());
        assertEquals(
                List.of(
                        new Command(Command.OPEN_RETURN_PATH, 0),
                        new Command(Command.PING, 1),
                        new Command(Command.SWITCHOVER_START, 0)),
                stream.commands);
        assertEquals(3, stream.records.sections());
        assertEquals(List.of("blocks", "flush", "end", "flush", "end", "flush", "end"), stream.records.events);
        assertEquals(new Section(1, "ram", 0, 4), stream.ram);
        assertBlocks(16 << 20, stream.records.blocks);
        assertDevices(List.of("timer", "cpu_common"), stream, "0000:00:1f.2/ich9_ahci");
    }

    @Test
    void shouldReadStreamOfQemu10WhenItHasManyRoundsAndNoReturnPath() throws Exception {
        MainStream stream = read(Q10_ROUNDS, false);
        assertEquals("pc-i440fx-10.0", stream.configuration.machineType().name());
        assertEquals(Optional.empty(), stream.configuration.uuid());
        assertEquals(List.of(new Command(Command.SWITCHOVER_START, 0)), stream.commands);
        assertTrue(stream.records.sections() > 30, "sections=" + stream.records.sections());
        long flushes = Collections.frequency(stream.records.events, "flush");
        long ends = Collections.frequency(stream.records.events, "end");
        assertTrue(flushes > 3 && flushes < ends / 2, "a sync a round, not a section: " + flushes + " of " + ends);
        assertEquals(0, stream.records.zeroPages);
        assertBlocks(64 << 20, stream.records.blocks);
        assertDevices(List.of("timer"), stream, "0000:00:01.1/ide");
    }

    @Test
    void shouldReadStreamOfQemu7WhenZeroPagesGoThroughIt() throws Exception {
        MainStream stream = read(Q7, true);
        assertEquals("pc-i440fx-7.2", stream.configuration.machineType().name());
        assertEquals(Optional.of(GUEST), stream.configuration.uuid());
        assertEquals(List.of(new Command(Command.OPEN_RETURN_PATH, 0), new Command(Command.PING, 1)), stream.commands);
        assertEquals(3, stream.records.sections());
        assertEquals(0, Collections.frequency(stream.records.events, "flush"));
        assertEquals(3, Collections.frequency(stream.records.events, "end"));
        // 16 MiB of pc.ram but 61 pages that went over the channels, and the firmware's blocks.
        assertTrue(stream.records.zeroPages > 4096 - 61, "zeroPages=" + stream.records.zeroPages);
        assertEquals("zero pc.ram", stream.records.events.get(2).replaceFirst(" 0x.*", ""));
        assertTrue(stream.records.events.stream().anyMatch(event -> event.startsWith("zero pc.rom ")));
        assertBlocks(16 << 20, stream.records.blocks);
        assertDevices(List.of("timer"), stream, "0000:00:01.0/PIIX3");
    }

    /** What comes after RAM is kept as it came. */
    @ParameterizedTest
    @ValueSource(strings = {Q10, Q10_ROUNDS, Q7})
    void shouldKeepDeviceStateByteForByte(String name) throws Exception {
        byte[] bytes = Golden.bytes(name);
        MainStream stream = read(name, true);
        byte[] copy = DeviceStates.bytes(stream.deviceState);
        assertArrayEquals(Arrays.copyOfRange(bytes, (int) stream.endOfRam, bytes.length), copy);
        assertEquals(copy.length, stream.deviceState.lengthBytes());
    }

    @ParameterizedTest
    @ValueSource(strings = {Q10, Q10_ROUNDS, Q7})
    void shouldWriteConfigurationAsQemuDoes(String name) throws Exception {
        byte[] bytes = Golden.bytes(name);
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        StreamOutput out = new StreamOutput(buffer -> drain(buffer, written));
        out.u32(SectionType.FILE_MAGIC).u32(SectionType.FILE_VERSION);
        read(name, true).configuration.write(out);
        out.flush();
        assertArrayEquals(Arrays.copyOf(bytes, written.size()), written.toByteArray());
    }

    @ParameterizedTest
    @ValueSource(strings = {Q10, Q10_ROUNDS, Q7})
    void shouldReadTheSameWhenBytesComeOneByOne(String name) throws Exception {
        byte[] bytes = Golden.bytes(name);
        MainStream whole = read(name, true);
        MainStream single = new MainStream(StreamBytes.input(bytes, room -> 1), 1L << 30, true);
        assertEquals(whole.records.events, single.records.events);
        assertEquals(whole.commands, single.commands);
        assertEquals(whole.endOfRam, single.endOfRam);
        assertArrayEquals(DeviceStates.bytes(whole.deviceState), DeviceStates.bytes(single.deviceState));
    }

    /** What the peer closes in the middle, wherever that is. */
    @ParameterizedTest
    @ValueSource(strings = {Q10, Q7})
    void shouldRefuseStreamWhenItEndsTooSoon(String name) {
        byte[] bytes = Golden.bytes(name);
        for (int length = 0; length < bytes.length; length += length < 600 ? 1 : 997) {
            byte[] cut = Arrays.copyOf(bytes, length);
            IOException refusal =
                    assertThrows(StreamException.class, () -> new MainStream(StreamBytes.input(cut), 1L << 30, true));
            assertTrue(
                    refusal.getMessage().startsWith("stream must not end in the middle: awaited=")
                            || refusal.getMessage().startsWith("stream must end with its vmdescription"),
                    refusal.getMessage());
        }
    }

    private static MainStream read(String name, boolean endsItself) throws Exception {
        return new MainStream(StreamBytes.input(Golden.bytes(name)), 1L << 30, endsItself);
    }

    private static void assertBlocks(long ramBytes, List<RamBlockEntry> blocks) {
        assertEquals(
                List.of(
                        new RamBlockEntry("pc.ram", ramBytes, Optional.empty()),
                        new RamBlockEntry("/rom@etc/acpi/tables", 0x20000, Optional.empty()),
                        new RamBlockEntry("pc.bios", 0x40000, Optional.empty()),
                        new RamBlockEntry("pc.rom", 0x20000, Optional.empty()),
                        new RamBlockEntry("/rom@etc/table-loader", 0x1000, Optional.empty()),
                        new RamBlockEntry("/rom@etc/acpi/rsdp", 0x1000, Optional.empty())),
                blocks);
    }

    private static void assertDevices(List<String> first, MainStream stream, String among) {
        List<VmDescription.Device> devices = stream.deviceState.description().devices();
        List<String> names = devices.stream().map(VmDescription.Device::name).toList();
        assertEquals(first, names.subList(0, first.size()));
        assertTrue(names.contains(among), names.toString());
        assertTrue(devices.stream().allMatch(device -> device.fields() > 0), devices.toString());
    }

    private static void drain(ByteBuffer from, ByteArrayOutputStream to) {
        byte[] bytes = new byte[from.remaining()];
        from.get(bytes);
        to.writeBytes(bytes);
    }
}
