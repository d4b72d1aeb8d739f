package io.pageferry.hostile;

import static io.pageferry.wire.RamPacketFlyweight.NORMAL_PAGES_FIELD_OFFSET;

import io.pageferry.testing.Golden;
import io.pageferry.testing.StreamBytes;
import io.pageferry.wire.InitialPacketFlyweight;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/**
 * What real QEMUs sent of a guest of 16 MiB, over a main channel and two multifd ones: their main stream and their
 * packets, whose pages came without content and got a random one. As it is made it is good.
 */
enum Recording {
    /** Syncs per round, zero pages in packets, return path. */
    QEMU_10(
            "qemu-10.0/return-path.stream.gz",
            "qemu-10.0/initial",
            List.of("qemu-10.0/sync", "qemu-10.0/mixed", "qemu-10.0/zero", "qemu-10.0/sync", "qemu-10.0/sync"),
            List.of("qemu-10.0/sync", "qemu-10.0/normal", "qemu-10.0/sync", "qemu-10.0/sync"),
            3 + 128),

    /**
     * Syncs per section, pages along with a SYNC, empty packets after one, zero pages on the main channel, return path.
     */
    QEMU_7(
            "qemu-7.2/return-path.stream.gz",
            "qemu-7.2/initial",
            List.of(
                    "qemu-7.2/sync-at-start",
                    "qemu-7.2/normal",
                    "qemu-7.2/sync-at-start",
                    "qemu-7.2/sync-after-pages",
                    "qemu-7.2/empty-after-sync"),
            List.of(
                    "qemu-7.2/sync-at-start",
                    "qemu-7.2/sync-with-page",
                    "qemu-7.2/empty-after-sync",
                    "qemu-7.2/sync-after-pages"),
            61 + 1);

    static final int GUEST_BYTES = 32 << 20;

    /** How many pages of the guest are not zero. */
    final int pages;

    private final Supplier<Source> source;

    Recording(String mainStream, String initialPacket, List<String> channel0, List<String> channel1, int pages) {
        this.pages = pages;
        this.source = () -> new Source(List.of(
                Golden.bytes(mainStream), channel(0, initialPacket, channel0), channel(1, initialPacket, channel1)));
    }

    /** A fresh one, to be spoilt. */
    Source source() {
        return source.get();
    }

    private static byte[] channel(int id, String initialPacket, List<String> packets) {
        byte[] initial = Golden.bytes(initialPacket + ".packet");
        initial[InitialPacketFlyweight.CHANNEL_ID_FIELD_OFFSET] = (byte) id;
        StreamBytes channel = new StreamBytes().raw(initial);
        Random random = new Random(id);
        for (String name : packets) {
            byte[] packet = Golden.bytes(name + ".packet");
            byte[] data = new byte[ByteBuffer.wrap(packet).getInt(NORMAL_PAGES_FIELD_OFFSET) * Source.PAGE];
            random.nextBytes(data);
            channel.raw(packet).raw(data);
        }
        return channel.toBytes();
    }

    /** What a source of this recording, good or spoilt, sends after the end of RAM. */
    byte[] deviceState(Source spoilt) {
        byte[] main = spoilt.main();
        return Arrays.copyOfRange(main, main.length - deviceStateBytes(), main.length);
    }

    /** It begins with the first device, the timers. */
    private int deviceStateBytes() {
        byte[] main = source().main();
        byte[] timers = new StreamBytes().u8(4).u32(0).name("timer").toBytes();
        int start = 0;
        while (!Arrays.equals(main, start, start + timers.length, timers, 0, timers.length)) {
            start++;
        }
        return main.length - start;
    }
}
