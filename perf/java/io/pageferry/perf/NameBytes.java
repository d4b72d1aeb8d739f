package io.pageferry.perf;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Distinguished names of X.501 in DER, as certificates have them. */
final class NameBytes {
    private static final int SEQUENCE = 0x30;
    private static final int SET = 0x31;
    private static final int UTF8_STRING = 0x0c;
    private static final byte[] COMMON_NAME = {0x06, 3, 0x55, 4, 3};

    private NameBytes() {}

    /** As many relative names as values, each with one common name. */
    static byte[] parts(List<String> values) {
        return der(
                SEQUENCE,
                values.stream().map(value -> der(SET, commonName(value))).toList());
    }

    /** One relative name that has all values. */
    static byte[] onePart(List<String> values) {
        return der(
                SEQUENCE,
                List.of(der(SET, values.stream().map(NameBytes::commonName).toList())));
    }

    private static byte[] commonName(String value) {
        return der(SEQUENCE, COMMON_NAME, der(UTF8_STRING, value.getBytes(StandardCharsets.UTF_8)));
    }

    private static byte[] der(int tag, List<byte[]> contents) {
        return der(tag, contents.toArray(byte[][]::new));
    }

    private static byte[] der(int tag, byte[]... contents) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] one : contents) {
            content.writeBytes(one);
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(tag);
        if (content.size() < 0x80) {
            all.write(content.size());
        } else {
            all.write(0x83);
            all.write(content.size() >> 16);
            all.write(content.size() >> 8);
            all.write(content.size());
        }
        all.writeBytes(content.toByteArray());
        return all.toByteArray();
    }
}
