package io.pageferry.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.DeviceStates;
import io.pageferry.testing.StreamBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the device sections end: they have no length. */
@Timeout(60)
class DeviceStateTest {
    private static final long MAX_BYTES = 64L << 20;

    private static final String JSON =
            "{\"devices\":[{\"name\":\"timer\",\"instance_id\":1,\"version\":2,\"fields\":[{}]}]}";

    private static StreamBytes description(String json) {
        return new StreamBytes().u8(0).u8(6).u32(json.length()).text(json);
    }

    private static DeviceState read(StreamInput in) throws IOException {
        return DeviceState.read(in, true, MAX_BYTES, MemoryGrowth.UNLIMITED);
    }

    @Test
    void shouldFindEndWhenSourceWaits() throws Exception {
        byte[] sections = new StreamBytes().u8(4).u32(9).name("timer").u64(7).toBytes();
        byte[] all =
                new StreamBytes().raw(sections).raw(description(JSON).toBytes()).toBytes();
        StreamInput in = StreamBytes.input(all, room -> 3);
        DeviceState state = read(in);
        assertArrayEquals(all, DeviceStates.bytes(state));
        assertEquals(
                List.of(new VmDescription.Device("timer", 1, 2, 1, 0)),
                state.description().devices());
    }

    /** What looks like the end, inside a device's data, is not taken for it. */
    @Test
    void shouldGoOnWhenADeviceHasAllTheBytesOfAnEnd() throws Exception {
        byte[] inner = description("{\"devices\":[]}").toBytes();
        byte[] all = new StreamBytes()
                .u8(4)
                .raw(inner)
                .u64(-1)
                .raw(description(JSON).toBytes())
                .toBytes();
        DeviceState state = read(StreamBytes.input(all));
        assertEquals(all.length, state.lengthBytes());
        assertEquals(1, state.description().devices().size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{}", "[]", "{\"devices\":{}}", "{\"devices\":[]} x"})
    void shouldRefuseEndWhenDescriptionIsNone(String json) {
        StreamException refusal =
                assertThrows(StreamException.class, () -> read(description(json).input()));
        assertTrue(
                refusal.getMessage()
                        .startsWith("stream must end with its vmdescription, do not suppress it (suppress-vmdesc):"
                                + " deviceStateBytes=" + (6 + json.length())),
                refusal.getMessage());
    }

    @Test
    void shouldRefuseDeviceStateWhenItHasNoEnd() {
        StreamInput endless = new StreamInput((into, what) -> {
            int length = into.remaining();
            while (into.hasRemaining()) {
                into.put((byte) 1);
            }
            return length;
        });
        IOException refusal = assertThrows(StreamException.class, () -> read(endless));
        assertTrue(
                refusal.getMessage()
                        .startsWith("device state must be 67108864 bytes at the most, set max-device-state: position="),
                refusal.getMessage());
    }

    @Test
    void shouldReadItsOwnEmptyState() throws Exception {
        byte[] bytes = DeviceStates.bytes(DeviceState.empty());
        assertArrayEquals(bytes, DeviceStates.bytes(read(StreamBytes.input(bytes))));
    }

    /**
     * A device with a buffer, as QEMU describes those that it saves in the old style; and one with an array and a
     * subsection.
     */
    @Test
    void shouldFindSectionsAsDescribed() throws Exception {
        byte[] slirp = new StreamBytes()
                .u8(4)
                .u32(9)
                .name("slirp")
                .u32(0)
                .u32(6)
                .raw(new byte[5])
                .u8(0x7e)
                .u32(9)
                .toBytes();
        byte[] hpet = new StreamBytes()
                .u8(4)
                .u32(10)
                .name("hpet")
                .u32(1)
                .u32(2)
                .raw(new byte[3 * 8])
                .u8(5)
                .name("hpet/more")
                .u32(1)
                .u32(7)
                .u8(0x7e)
                .u32(10)
                .toBytes();
        String json = """
                {"devices":[{"name":"slirp","instance_id":0,"fields":[{"name":"data","size":5,"type":"buffer"}]},
                {"name":"hpet","instance_id":1,"version":2,"fields":[{"size":8,"array_len":3}],
                "subsections":[{"vmsd_name":"hpet/more","version":1,"fields":[{"size":4}]}]}]}""";
        byte[] all = new StreamBytes()
                .raw(slirp)
                .raw(hpet)
                .raw(description(json).toBytes())
                .toBytes();
        DeviceState state = read(StreamBytes.input(all));
        state.requireAsDescribed();
        assertEquals(
                List.of(5L, 3 * 8L + 1 + 1 + 9 + 4 + 4),
                state.description().devices().stream()
                        .map(VmDescription.Device::stateBytes)
                        .toList());
    }

    /**
     * JSON may be in UTF-16 elsewhere: there, what looks like a description could be in another one, and so on, each
     * parsed to the end.
     */
    @Test
    void shouldRefuseDescriptionWhenItsEncodingHasZeros() {
        byte[] json = "{\"devices\":[]}".getBytes(StandardCharsets.UTF_16LE);
        byte[] all = new StreamBytes().u8(0).u8(6).u32(json.length).raw(json).toBytes();
        assertThrows(StreamException.class, () -> read(StreamBytes.input(all)));
    }

    /**
     * As many places as there can be where a description could begin, and as many bytes of JSON as fit, a byte at a
     * time.
     */
    @Test
    void shouldLookAtEachByteTwiceAtTheMostWhenPlacesForADescriptionAreMany() throws Exception {
        StreamBytes bytes = new StreamBytes();
        int places = 20_000;
        int tail = 300_000;
        int size = 7 * places + tail;
        for (int i = 0; i < places; i++) {
            int end = 7 * places + (i + 1) * (tail / places);
            bytes.u8(0).u8(6).u32(end - 7 * i - 6).u8('{');
        }
        bytes.raw("\"a\":1,".repeat(tail / 6).getBytes(StandardCharsets.US_ASCII));
        StreamInput in = StreamBytes.input(bytes.toBytes(), _ -> 1);
        HeapDeviceStateStore store = new HeapDeviceStateStore(MemoryGrowth.UNLIMITED);
        DeviceStateCollector collector = new DeviceStateCollector(store, MemoryGrowth.UNLIMITED, MAX_BYTES);
        int looks = 0;
        while (collector.readSome(in) >= 0) {
            assertTrue(collector.descriptionAtEnd().isEmpty());
            looks++;
        }
        assertEquals(size, looks, "ends at which a description was looked for");
        assertTrue(collector.workBytes() >= size - 6, "counted=" + collector.workBytes());
        assertTrue(collector.workBytes() <= 2L * size, "counted=" + collector.workBytes());
    }

    @Test
    void shouldAskBeforeItTakesMemory() {
        int most = 1 << 20;
        long[] taken = {0};
        IOException refusal = assertThrows(
                IOException.class,
                () -> DeviceState.read(StreamBytes.input(new byte[4 * most]), true, MAX_BYTES, bytes -> {
                    if (taken[0] + bytes > most) {
                        throw new IOException("too much");
                    }
                    taken[0] += bytes;
                }));
        assertEquals("too much", refusal.getMessage());
        assertTrue(taken[0] > most / 2, "taken=" + taken[0]);
    }

    /**
     * The last device's state ends behind everything, in a footer that is made of JSON: "~, the id, and the
     * description's own end.
     */
    @Test
    void shouldRefuseSectionsWhenTheyEndBehindTheStream() throws Exception {
        int id = 'x' << 24 | '"' << 16 | '}' << 8 | ' ';
        String json = "{\"devices\":[{\"name\":\"a\",\"fields\":[{\"size\":LEN}]}],\"b\":\"~x\"} ";
        int sectionStart = 1 + 4 + 2 + 8;
        String sized = json.replace("LEN", String.valueOf(6 + json.length() - 1 - 5));
        byte[] all = new StreamBytes()
                .u8(4)
                .u32(id)
                .name("a")
                .u32(0)
                .u32(0)
                .raw(description(sized).toBytes())
                .toBytes();
        assertEquals(all.length, sectionStart + 6 + sized.length());
        DeviceState state = read(StreamBytes.input(all));
        StreamException refusal = assertThrows(StreamException.class, state::requireAsDescribed);
        assertTrue(
                refusal.getMessage()
                        .startsWith("device sections must be those of the vmdescription, and no others: devices=1"),
                refusal.getMessage());
    }
}
