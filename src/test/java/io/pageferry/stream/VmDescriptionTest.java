package io.pageferry.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.pageferry.stream.VmDescription.Device;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read of a vmdescription, and what a hostile one costs. */
@Timeout(60)
class VmDescriptionTest {
    private static final int LONGEST = 60_000_000;

    @Test
    void shouldHaveItsDevices() throws Exception {
        assertEquals(List.of(new Device("a", 3, 2, 2, 8 + 3 * 4), new Device("b", 0, 0, 0, 0)), devices("""
                        {"page_size":4096,"devices":[
                          {"fields":[{"size":8},{"struct":{"fields":[{"size":100}]},"array_len":3,"size":4}],
                           "name":"a","instance_id":3,"version":2},
                          {"name":"b"}],
                         "configuration":{"devices":[{"name":"c"}]}}"""));
    }

    @Test
    void shouldHaveTheLastMemberWhenANameComesTwice() throws Exception {
        assertEquals(List.of(new Device("c", 2, 0, 1, 5)), devices("""
                        {"devices":[{"name":"a"},{"name":"b"}],"devices":[{"name":"x","name":"c","instance_id":1,
                         "instance_id":2,"fields":[{"size":1},{"size":2}],"fields":[{"size":4,"size":5}]}]}"""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "null", "true", "1", "\"a\"", "[{\"name\":\"b\"}]", "1.5", "9223372036854775808"})
    void shouldReadAsNothingWhenAValueIsOfAnotherKind(String other) throws Exception {
        String device = "{\"name\":X,\"instance_id\":X,\"version\":X,\"fields\":[{\"size\":X,\"array_len\":2}],"
                + "\"subsections\":[X]}";
        String number = other.equals("1") ? "1" : "0";
        String name = other.equals("\"a\"") ? "a" : "";
        Device one =
                new Device(name, Long.parseLong(number), Long.parseLong(number), 1, 2 * Long.parseLong(number) + 6);
        assertEquals(List.of(one), devices("{\"devices\":[" + device.replace("X", other) + "]}"));
        assertEquals(List.of(new Device("", 0, 0, 0, 0)), devices("{\"devices\":[" + other + "]}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "[1",
                "{\"a\"",
                "{\"a\":",
                "{\"a\":1",
                "]",
                "{} {}",
                "{}x",
                "nul",
                "\"a",
                "\u0000",
                "[]",
                "{\"devices\":[]}{}",
                "{\"devices\":[]",
                "{\"devices\":[]},",
                "{\"devices\":[],\"devices\":1}"
            })
    void shouldBeNoneWhenItIsNotOneWholeDescription(String json) throws Exception {
        assertTrue(parse(json).isEmpty());
    }

    @Test
    void shouldLookAtNoOtherBytes() throws Exception {
        byte[] bytes = "xx{\"devices\":[]}yy".getBytes(StandardCharsets.US_ASCII);
        assertTrue(VmDescription.parse(bytes, 2, bytes.length - 4).isPresent());
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"a\":", "{\"subsections\":["})
    void shouldRefuseDescriptionWhenItIsNestedWithoutEnd(String level) {
        StreamException refusal =
                assertThrows(StreamException.class, () -> parse("{\"devices\":[" + level.repeat(100_000)));
        assertTrue(
                refusal.getMessage()
                        .startsWith("vmdescription must be " + VmDescriptionReader.MAX_TOKENS + " tokens at the most, "
                                + VmDescriptionReader.MAX_DEPTH + " deep: length="),
                refusal.getMessage());
    }

    @Test
    void shouldRefuseDescriptionWhenANameIsLongerThanAnyOnTheWire() {
        String json = "{\"devices\":[{\"name\":\"" + "a".repeat(VmDescriptionReader.MAX_NAME_BYTES + 1) + "\"}]}";
        StreamException refusal = assertThrows(StreamException.class, () -> parse(json));
        assertTrue(
                refusal.getMessage().startsWith("vmdescription's names must be 255 characters at the most: length=256"),
                refusal.getMessage());
    }

    @Test
    void shouldTakeAsManyDevicesAsTheLimitAndNoMore() throws Exception {
        String most = "{},".repeat(VmDescriptionReader.MAX_DEVICES - 1) + "{}";
        assertEquals(
                VmDescriptionReader.MAX_DEVICES,
                devices("{\"devices\":[" + most + "]}").size());
        StreamException refusal = assertThrows(StreamException.class, () -> parse("{\"devices\":[" + most + ",{}]}"));
        assertTrue(
                refusal.getMessage().startsWith("vmdescription must have 65536 devices at the most: position="),
                refusal.getMessage());
    }

    /**
     * Each way of having much in a description: objects, lists, numbers, names that are all different, strings, in a
     * place that is used or not.
     */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"devices\":[|{}",
                "{\"devices\":[],\"x\":[|{}",
                "{\"devices\":[],\"x\":[|[]",
                "{\"devices\":[],\"x\":[|1",
                "{\"devices\":[{\"fields\":[|{}",
                "{\"devices\":[{\"subsections\":[|{}",
                "{\"devices\":[],\"x\":{|\"#\":0",
                "{\"devices\":[|{\"name\":\"#\"}",
                "{\"devices\":[],\"x\":[|\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"",
                "{\"devices\":[{\"fields\":[|{\"size\":12345678901234567890123456789012345678901234567890}"
            })
    void shouldTakeMemoryInLineWithItsLengthWhenItIsAsLongAsItCanBe(String form) {
        byte[] json = filled(form);
        long retainedBefore = usedHeap();
        long before = allocatedBytes();
        Object read = parseOrRefuse(json);
        long allocated = allocatedBytes() - before;
        long retained = usedHeap() - retainedBefore;
        assertTrue(retained < json.length, "retained=" + retained + " length=" + json.length + " read=" + read);
        // Names are made one after another and are garbage at once; of the rest nothing is made.
        assertTrue(allocated < 12L * json.length, "allocated=" + allocated + " length=" + json.length);
    }

    private static Object parseOrRefuse(byte[] json) {
        try {
            return VmDescription.parse(json, 0, json.length);
        } catch (StreamException e) {
            return e;
        }
    }

    /** As many elements as go into the length; a # counts. */
    private static byte[] filled(String form) {
        String head = form.substring(0, form.indexOf('|'));
        String element = form.substring(form.indexOf('|') + 1) + ",";
        StringBuilder json = new StringBuilder(LONGEST).append(head);
        for (int i = 0; json.length() < LONGEST - 100; i++) {
            json.append(element.indexOf('#') < 0 ? element : element.replace("#", Integer.toHexString(i)));
        }
        json.setLength(json.length() - 1);
        return json.append(closing(head)).toString().getBytes(StandardCharsets.US_ASCII);
    }

    /** What closes all brackets that are open. */
    private static String closing(String head) {
        StringBuilder open = new StringBuilder();
        for (char c : head.toCharArray()) {
            if (c == '[' || c == '{') {
                open.insert(0, c == '[' ? ']' : '}');
            } else if (c == ']' || c == '}') {
                open.deleteCharAt(0);
            }
        }
        return open.toString();
    }

    private static long allocatedBytes() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    private static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static List<Device> devices(String json) throws StreamException {
        return parse(json).orElseThrow().devices();
    }

    private static Optional<VmDescription> parse(String json) throws StreamException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return VmDescription.parse(bytes, 0, bytes.length);
    }
}
