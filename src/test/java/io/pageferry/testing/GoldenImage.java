package io.pageferry.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** The image that QEMU 10.0 made, with content in its pages: they came without. */
public final class GoldenImage {
    private static final int PAGE = 4096;
    private static final int MEM_SIZE = 0x04;
    private static final String FIRST_BLOCK = "pc.ram";

    private GoldenImage() {}

    /**
     * The bytes of {@code mapped-ram.image}, each page that is present filled with bytes that are random and not zero.
     */
    public static byte[] bytes() {
        byte[] bytes = Golden.bytes("qemu-10.0/mapped-ram.image.gz");
        ByteBuffer image = ByteBuffer.wrap(bytes);
        int entry = firstEntry(bytes);
        long left = image.getLong(entry - Long.BYTES) & -PAGE;
        Random random = new Random(1);
        while (left > 0) {
            int header = entry + 1 + bytes[entry] + Long.BYTES;
            long length = image.getLong(header - Long.BYTES);
            int bitmap = Math.toIntExact(image.getLong(header + 12));
            int pages = Math.toIntExact(image.getLong(header + 20));
            for (int page = 0; page < length / PAGE; page++) {
                if ((bytes[bitmap + page / 8] >> page % 8 & 1) != 0) {
                    fill(bytes, pages + page * PAGE, random);
                }
            }
            entry = Math.toIntExact(pages + length);
            left -= length;
        }
        return bytes;
    }

    public static Path write(Path file) throws IOException {
        return Files.write(file, bytes());
    }

    private static void fill(byte[] bytes, int start, Random random) {
        for (int i = start; i < start + PAGE; i++) {
            bytes[i] = (byte) (1 + random.nextInt(255));
        }
    }

    /** Where the name of the first block is, after the total of all. */
    private static int firstEntry(byte[] bytes) {
        String text = new String(bytes, 0, 1 << 16, StandardCharsets.ISO_8859_1);
        int entry = text.indexOf((char) FIRST_BLOCK.length() + FIRST_BLOCK);
        if (entry < 0 || (bytes[entry - 1] & PAGE - 1 & MEM_SIZE) == 0) {
            throw new IllegalStateException("golden image must begin with the list of its blocks: entry=" + entry);
        }
        return entry;
    }
}
