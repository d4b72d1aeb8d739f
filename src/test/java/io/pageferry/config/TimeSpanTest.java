package io.pageferry.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(10)
class TimeSpanTest {
    @ParameterizedTest
    @CsvSource({"500ms, 500", "30s, 30000", "2m, 120000", "1h, 3600000", "' 1s ', 1000", "8760h, 31536000000"})
    void shouldReadSpanWithItsUnit(String text, long millis) {
        assertEquals(millis, TimeSpan.parse(text).toMillis());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0s", "30", "s", "-1s", "1.5s", "1 s", "1d", "8761h", "999999999999h"})
    void shouldRefuseWhatIsNoSpan(String text) {
        ConfigException refusal = assertThrows(ConfigException.class, () -> TimeSpan.parse(text));
        assertEquals(
                "duration must be a whole number with a unit ms, s, m or h, above zero: value=" + text,
                refusal.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "999, 999 ns",
        "1500, 1.50 µs",
        "123456, 123 µs",
        "12345678, 12.3 ms",
        "1234567890, 1.23 s",
        "3600000000000, 3600 s"
    })
    void shouldWriteSpanInTheUnitThatSuits(long nanos, String text) {
        assertEquals(text, TimeSpan.format(nanos));
    }
}
