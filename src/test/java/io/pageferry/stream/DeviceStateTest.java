package io.pageferry.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.StreamBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the device sections end: they have no length. */
@Timeout(60)
class DeviceStateTest {
    private static final String JSON =
            "{\"devices\":[{\"name\":\"timer\",\"instance_id\":1,\"version\":2,\"fields\":[{}]}]}";

    private static StreamBytes description(String json) {
        return new StreamBytes().u8(0).u8(6).u32(json.length()).text(json);
    }

    @Test
    void shouldFindEndWhenSourceWaits() throws Exception {
        byte[] sections = new StreamBytes().u8(4).u32(9).name("timer").u64(7).toBytes();
        byte[] all =
                new StreamBytes().raw(sections).raw(description(JSON).toBytes()).toBytes();
        StreamInput in = StreamBytes.input(all, room -> 3);
        DeviceState state = DeviceState.read(in, true);
        assertEquals(ByteBuffer.wrap(all), state.bytes());
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
        DeviceState state = DeviceState.read(StreamBytes.input(all), true);
        assertEquals(all.length, state.lengthBytes());
        assertEquals(1, state.description().devices().size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{}", "[]", "{\"devices\":{}}", "{\"devices\":[]} x"})
    void shouldRefuseEndWhenDescriptionIsNone(String json) {
        StreamException refusal = assertThrows(
                StreamException.class, () -> DeviceState.read(description(json).input(), true));
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
        IOException refusal = assertThrows(StreamException.class, () -> DeviceState.read(endless, true));
        assertTrue(
                refusal.getMessage().startsWith("device state must be 67108864 bytes at the most: position="),
                refusal.getMessage());
    }

    @Test
    void shouldReadItsOwnEmptyState() throws Exception {
        ByteBuffer bytes = DeviceState.empty().bytes();
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        assertEquals(
                bytes.flip(), DeviceState.read(StreamBytes.input(copy), true).bytes());
    }

    /** A device with a buffer, as QEMU describes those that it saves in the old style; and one with an array and a subsection. */
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
        DeviceState state = DeviceState.read(StreamBytes.input(all), true);
        state.requireAsDescribed();
        assertEquals(
                List.of(5L, 3 * 8L + 1 + 1 + 9 + 4 + 4),
                state.description().devices().stream()
                        .map(VmDescription.Device::stateBytes)
                        .toList());
    }
}
