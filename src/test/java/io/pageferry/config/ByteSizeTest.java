package io.pageferry.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(10)
class ByteSizeTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "4096, 4096",
        "1k, 1024",
        "1K, 1024",
        "512M, 536870912",
        "1.5G, 1610612736",
        "' 2g ', 2147483648",
        "1T, 1099511627776",
        "7E, 8070450532247928832"
    })
    void shouldReadSizeAsQemuWritesIt(String text, long bytes) {
        assertEquals(bytes, ByteSize.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "k", "-1", "+1", "1kB", "1 k", "0x10", "1e3M", "8E", "0.3", "9999999999999999999", "NaN"
            })
    void shouldRefuseWhatIsNoSize(String text) {
        ConfigException refusal = assertThrows(ConfigException.class, () -> ByteSize.parse(text));
        assertEquals(
                "size must be a number of bytes with an optional suffix k, M, G, T, P or E: value=" + text,
                refusal.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "1023, 1023 B",
        "1024, 1 KiB",
        "1536, 1.5 KiB",
        "1073741824, 1 GiB",
        "1090519040, 1.02 GiB",
        "9223372036854775807, 8 EiB"
    })
    void shouldWriteSizeInTheLargestUnitThatFits(long bytes, String text) {
        assertEquals(text, ByteSize.format(bytes));
    }
}
