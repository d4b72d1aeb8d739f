package io.pageferry.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(10)
class MigrationUriTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "tcp:127.0.0.1:4444",
                "tcp:localhost:0",
                "tcp::4444",
                "tcp:[::1]:65535",
                "unix:/run/pageferry.sock",
                "unix:relative",
                "file:/images/guest",
                "file:guest,offset=65536"
            })
    void shouldWriteUriAsItWasRead(String text) {
        assertEquals(text, MigrationUri.parse(text).toString());
    }

    @Test
    void shouldReadOffsetWithSuffix() {
        assertEquals(new MigrationUri.ImageFile(Path.of("guest"), 1 << 20), MigrationUri.parse("file:guest,offset=1M"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                       | URI must be tcp:HOST:PORT, unix:PATH or file:PATH[,offset=N]
            /images/guest            | URI must be tcp:HOST:PORT, unix:PATH or file:PATH[,offset=N]
            rdma:there:4444          | URI must be tcp:HOST:PORT, unix:PATH or file:PATH[,offset=N]
            tcp:4444                 | tcp URI must be tcp:HOST:PORT
            tcp:::1:4444             | an IPv6 address must stand in brackets, tcp:[ADDRESS]:PORT
            tcp:there:               | port must be 0 to 65535
            tcp:there:65536          | port must be 0 to 65535
            tcp:there:-1             | port must be 0 to 65535
            unix:                    | unix URI must name a path
            file:                    | file URI must name a path
            file:,offset=1           | file URI must name a path
            """)
    void shouldRefuseWhatIsNoUri(String text, String rule) {
        ConfigException refusal = assertThrows(ConfigException.class, () -> MigrationUri.parse(text));
        assertEquals(rule + ": value=" + text, refusal.getMessage());
    }

    @Test
    void shouldRefuseOffsetWhenItIsNoSize() {
        assertThrows(ConfigException.class, () -> MigrationUri.parse("file:guest,offset=far"));
    }
}
