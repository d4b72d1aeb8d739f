package io.pageferry.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pageferry.testing.StreamBytes;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(10)
class PostcopyMessageTest {
    static Stream<Arguments> messages() {
        return Stream.of(
                Arguments.of(
                        new PostcopyMessage.Shut(-5),
                        new StreamBytes().u16(1).u16(4).u32(-5)),
                Arguments.of(
                        new PostcopyMessage.Pong(0x42),
                        new StreamBytes().u16(2).u16(4).u32(0x42)),
                Arguments.of(
                        new PostcopyMessage.PageRequest("pc.ram", 0x7000, 0x1000),
                        new StreamBytes().u16(3).u16(19).u64(0x7000).u32(0x1000).name("pc.ram")),
                Arguments.of(
                        new PostcopyMessage.PageRequest("", 0x7000, 0xffff_f000L),
                        new StreamBytes().u16(4).u16(12).u64(0x7000).u32(0xffff_f000)),
                Arguments.of(
                        new PostcopyMessage.ReceivedPages("pc.ram"),
                        new StreamBytes().u16(5).u16(7).name("pc.ram")),
                Arguments.of(
                        new PostcopyMessage.Resumed(1),
                        new StreamBytes().u16(6).u16(4).u32(1)),
                Arguments.of(
                        new PostcopyMessage.SwitchoverAck(),
                        new StreamBytes().u16(7).u16(0)));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void shouldReadMessage(PostcopyMessage message, StreamBytes bytes) throws Exception {
        assertEquals(message, PostcopyMessage.read(bytes.input()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0 | 0     | return path message must be one of a postcopy migration: type=0 position=4
            8 | 0     | return path message must be one of a postcopy migration: type=8 position=4
            1 | 0     | return path message's length must be 4: type=1 length=0
            2 | 65535 | return path message's length must be 4: type=2 length=65535
            3 | 12    | return path message's length must be 14 to 268: type=3 length=12
            3 | 269   | return path message's length must be 14 to 268: type=3 length=269
            4 | 20    | return path message's length must be 12: type=4 length=20
            5 | 1     | return path message's length must be 2 to 256: type=5 length=1
            6 | 1     | return path message's length must be 4: type=6 length=1
            7 | 4     | return path message's length must be 0: type=7 length=4
            """)
    void shouldRefuseMessage(int type, int length, String line) {
        assertEquals(line, refusal(new StreamBytes().u16(type).u16(length)));
    }

    @Test
    void shouldRefuseNameThatDoesNotFillItsMessage() {
        assertEquals(
                "block's name must fill its message: block=pc.ram expected=7",
                refusal(new StreamBytes().u16(5).u16(8).name("pc.ram").u8(0)));
    }

    @Test
    void shouldRefuseNameThatIsNotPrintable() {
        assertEquals(
                "block of a request must be printable ASCII: length=2",
                refusal(new StreamBytes().u16(5).u16(3).u8(2).u16(0x0a0a)));
    }

    private static String refusal(StreamBytes bytes) {
        StreamInput in = bytes.u64(0).u64(0).u64(0).input();
        return assertThrows(StreamException.class, () -> PostcopyMessage.read(in))
                .getMessage();
    }
}
