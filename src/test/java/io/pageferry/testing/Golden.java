package io.pageferry.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.zip.GZIPInputStream;
import org.agrona.concurrent.UnsafeBuffer;

/** Bytes that real QEMUs made; {@code golden/README.md} says how they were caught. */
public final class Golden {
    private Golden() {}

    /** A file under {@code golden/}, unpacked where its name ends in {@code .gz}. Fresh at each call. */
    public static byte[] bytes(String name) {
        try (InputStream file = Golden.class.getResourceAsStream("/golden/" + name)) {
            if (file == null) {
                throw new IllegalArgumentException("no golden file: " + name);
            }
            return name.endsWith(".gz") ? new GZIPInputStream(file).readAllBytes() : file.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A packet to be read, or to be spoilt in one place. */
    public static UnsafeBuffer packet(String name) {
        return new UnsafeBuffer(bytes(name + ".packet"));
    }
}
