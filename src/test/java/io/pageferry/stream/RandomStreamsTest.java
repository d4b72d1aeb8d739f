package io.pageferry.stream;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.Golden;
import io.pageferry.testing.StreamBytes;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real streams with some bytes changed at random: read, or refused in this room's own words. */
@Timeout(60)
class RandomStreamsTest {
    private static final int STREAMS = 3000;

    @ParameterizedTest
    @ValueSource(strings = {"qemu-10.0/return-path.stream.gz", "qemu-7.2/return-path.stream.gz"})
    void shouldReadOrRefuseWhenBytesAreChanged(String name) throws Exception {
        byte[] good = Golden.bytes(name);
        Random random = new Random(23);
        int refused = 0;
        for (int i = 0; i < STREAMS; i++) {
            byte[] bytes = good.clone();
            for (int change = random.nextInt(3); change >= 0; change--) {
                // Half of the changes where the structure is.
                bytes[random.nextInt(random.nextBoolean() ? 600 : bytes.length)] = (byte) random.nextInt(256);
            }
            try {
                new MainStream(StreamBytes.input(bytes), 1L << 30, true);
            } catch (StreamException e) {
                refused++;
            }
        }
        assertTrue(refused > STREAMS / 10 && refused < STREAMS, "refused=" + refused);
    }
}
