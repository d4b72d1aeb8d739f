package io.pageferry.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pageferry.testing.StreamBytes;
import java.io.ByteArrayOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(10)
class ReturnPathMessageTest {
    static Stream<Arguments> messages() {
        return Stream.of(
                Arguments.of(
                        ReturnPathMessage.shut(0),
                        new StreamBytes().u16(1).u16(4).u32(0)),
                Arguments.of(
                        ReturnPathMessage.shut(-5),
                        new StreamBytes().u16(1).u16(4).u32(-5)),
                Arguments.of(
                        ReturnPathMessage.pong(7),
                        new StreamBytes().u16(2).u16(4).u32(7)));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void shouldWriteAndReadMessage(ReturnPathMessage message, StreamBytes bytes) throws Exception {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        StreamOutput out = new StreamOutput(buffer -> {
            while (buffer.hasRemaining()) {
                written.write(buffer.get());
            }
        });
        message.write(out);
        out.flush();
        assertArrayEquals(bytes.toBytes(), written.toByteArray());
        assertEquals(message, ReturnPathMessage.read(bytes.input()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0 | 0 | return path message must be one of a precopy migration: type=0
            3 | 8 | return path message must be one of a precopy migration: type=3
            6 | 1 | return path message must be one of a precopy migration: type=6
            1 | 0 | return path message's length must be 4: type=1 length=0
            2 | 9 | return path message's length must be 4: type=2 length=9
            7 | 4 | return path message's length must be 0: type=7 length=4
            """)
    void shouldRefuseMessage(int type, int length, String line) {
        StreamInput in = new StreamBytes().u16(type).u16(length).u64(0).input();
        assertEquals(
                line,
                assertThrows(StreamException.class, () -> ReturnPathMessage.read(in))
                        .getMessage());
    }
}
