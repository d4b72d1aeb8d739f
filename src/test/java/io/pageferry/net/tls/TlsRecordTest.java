package io.pageferry.net.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TlsRecordTest {
    @ParameterizedTest(name = "{2}")
    @CsvSource({
        "0, '', nothing",
        "0, 17030300, half a header",
        "0, 1703030002, a header",
        "0, 1703030002aa, half a record",
        "7, 1703030002aabb, a record",
        "7, 1703030002aabb17030300, a record and half a header",
        "13, 1703030002aabb1503030001cc, two records",
        "13, 1703030002aabb1503030001cc1703030001, two records and a header",
        "5, 1403030000, an empty record",
        "8, 6761726261676521, no record",
        "15, 1703030002aabb6761726261676521, a record and something else",
        "6, 170303480100, a record that is too large",
        "0, 170303480000, the beginning of the largest record"
    })
    void shouldFindWhatIsWhole(int whole, String bytes, String what) {
        byte[] received = HexFormat.of().parseHex(bytes);
        assertEquals(whole, TlsRecord.wholeBytes(ByteBuffer.wrap(received)), what);
        ByteBuffer within = ByteBuffer.allocate(received.length + 7)
                .position(3)
                .put(received)
                .flip()
                .position(3);
        assertEquals(whole, TlsRecord.wholeBytes(within), what);
        assertEquals(3, within.position());
    }
}
