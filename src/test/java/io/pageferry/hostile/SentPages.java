package io.pageferry.hostile;

import static io.pageferry.wire.RamPacketFlyweight.NORMAL_PAGES_FIELD_OFFSET;
import static io.pageferry.wire.RamPacketFlyweight.OFFSETS_FIELD_OFFSET;
import static io.pageferry.wire.RamPacketFlyweight.RAM_BLOCK_FIELD_OFFSET;
import static io.pageferry.wire.RamPacketFlyweight.ZERO_PAGES_FIELD_OFFSET;

import io.pageferry.image.Image;
import io.pageferry.memory.IoVector;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.PageReader;
import io.pageferry.memory.RamBlock;
import io.pageferry.stream.RamFlags;
import io.pageferry.testing.StreamBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * The pages that a source sends over its multifd channels, read the simplest way there is: one packet after the other,
 * with no check at all. Where a migration has completed, its image must have these, and no others.
 *
 * <p>Channels are read one after the other: no page may be on two of them. One that the main channel calls zero besides
 * may be either.
 */
final class SentPages {
    private static final int INITIAL_PACKET_BYTES = 64;
    private static final int PACKET_BYTES = 320 + 8 * 128;
    private static final int NAME_BYTES = 256;
    private static final byte[] ZERO = new byte[Source.PAGE];

    /** The content of each page that is not zero, by its block and its offset there. */
    private final Map<String, Map<Long, byte[]>> blocks = new TreeMap<>();

    private final String main;

    SentPages(Source source) {
        main = new String(source.main(), StandardCharsets.ISO_8859_1);
        for (byte[] channel : source.connections.subList(1, source.connections.size())) {
            read(ByteBuffer.wrap(channel));
        }
    }

    private void read(ByteBuffer channel) {
        int packet = INITIAL_PACKET_BYTES;
        while (packet < channel.limit()) {
            int normal = channel.getInt(packet + NORMAL_PAGES_FIELD_OFFSET);
            int zero = channel.getInt(packet + ZERO_PAGES_FIELD_OFFSET);
            Map<Long, byte[]> pages = blocks.computeIfAbsent(name(channel, packet), name -> new TreeMap<>());
            int data = packet + PACKET_BYTES;
            for (int slot = 0; slot < normal + zero; slot++) {
                long offset = channel.getLong(packet + OFFSETS_FIELD_OFFSET + slot * Long.BYTES);
                if (slot < normal) {
                    pages.put(offset, Arrays.copyOfRange(channel.array(), data, data + Source.PAGE));
                    data += Source.PAGE;
                } else {
                    pages.remove(offset);
                }
            }
            packet = data;
        }
    }

    private static String name(ByteBuffer channel, int packet) {
        byte[] name = new byte[NAME_BYTES];
        channel.get(packet + RAM_BLOCK_FIELD_OFFSET, name);
        String all = new String(name, StandardCharsets.ISO_8859_1);
        return all.substring(0, all.indexOf('\0'));
    }

    int count() {
        return blocks.values().stream().mapToInt(Map::size).sum();
    }

    void requireSame(Image image) throws IOException, InterruptedException {
        for (RamBlock block : image.layout().blocks()) {
            Map<Long, byte[]> sent = blocks.getOrDefault(block.name(), Map.of());
            PageBitmap present = image.present(block);
            for (long page = 0; page < block.pages(); page++) {
                long offset = page * Source.PAGE;
                byte[] expected = sent.getOrDefault(offset, ZERO);
                byte[] actual = present.isSet(page) ? content(image, block, offset) : ZERO;
                if (!Arrays.equals(expected, actual) && !(actual == ZERO && isCalledZero(offset))) {
                    throw new AssertionError(
                            "page must be as it was sent: block=" + block.name() + " offset=" + offset);
                }
            }
        }
    }

    private boolean isCalledZero(long offset) {
        byte[] record = new StreamBytes()
                .u64(offset | RamFlags.ZERO | RamFlags.CONTINUE)
                .u8(0)
                .toBytes();
        return main.contains(new String(record, StandardCharsets.ISO_8859_1));
    }

    private static byte[] content(Image image, RamBlock block, long offset) throws IOException, InterruptedException {
        PageBatch page = new PageBatch(0, 1);
        page.begin(block);
        page.add(offset);
        byte[] content = new byte[Source.PAGE];
        IoVector into = new IoVector(1);
        into.add(ByteBuffer.wrap(content));
        try (PageReader reader = image.openReader()) {
            reader.read(page, into);
        }
        return content;
    }
}
