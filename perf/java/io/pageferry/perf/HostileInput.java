package io.pageferry.perf;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.ZstdCompressCtx;
import io.pageferry.codec.Codecs;
import io.pageferry.codec.PageDecoder;
import io.pageferry.config.TlsAuthz;
import io.pageferry.control.qmp.QmpReading;
import io.pageferry.memory.BufferPool;
import io.pageferry.memory.IoVector;
import io.pageferry.memory.MemoryRegion;
import io.pageferry.memory.PageBitmap;
import io.pageferry.net.tls.CertificateNames;
import io.pageferry.stream.DeviceState;
import io.pageferry.stream.MemoryGrowth;
import io.pageferry.stream.StreamException;
import io.pageferry.stream.VmDescription;
import io.pageferry.testing.StreamBytes;
import io.pageferry.wire.CompressionMethod;
import io.pageferry.wire.PacketGeometry;
import io.pageferry.wire.RamBlockTable;
import io.pageferry.wire.RamPacketFlyweight;
import io.pageferry.wire.RamPacketValidator;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import java.util.zip.Deflater;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What a byte of crafted input costs beside one of honest input: processor time a received byte, and their ratio. Each
 * pair is what one reader takes in, in its usual and in its worst form; where the worst is refused, all that was done
 * until then counts.
 */
public final class HostileInput {
    private static final int WARM_UP = 3;
    private static final int TURNS = 7;
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final int BLOCKS = 4096;
    private static final PacketGeometry GEOMETRY = new PacketGeometry(4096);

    /** Something to be read. */
    private record Input(long bytes, Callable<?> read) {}

    private HostileInput() {}

    public static void main(String[] arguments) throws Exception {
        PrintStream out = System.out;
        out.println(Machine.describe());
        out.printf("%n%-58s %12s %12s %8s%n", "ns of processor time a received byte", "honest", "crafted", "ratio");
        measureReaders(out);
        measureNames(out);
        measureQmp(out);
        measureMigrations(out);
    }

    private static void measureReaders(PrintStream out) throws Exception {
        measure(out, "a stream's end: 20,000 places, byte by byte", ends(false), ends(true));
        measure(out, "vmdescription: empty lists", description("{\"size\":8,\"name\":\"abcdef\"}"), description("[]"));
        measure(
                out,
                "vmdescription: names, all different",
                description("{\"size\":8,\"name\":\"abcdef\"}"),
                description("{\"#\":0}"));
        measure(out, "RAM packets: 4096 blocks, another each time", packets(1), packets(BLOCKS));
        for (CompressionMethod method : List.of(CompressionMethod.ZSTD, CompressionMethod.ZLIB)) {
            measure(out, method.qemuName() + ": zeros beside noise", packed(method, false), packed(method, true));
        }
        measure(out, "bitmap: one page in each word", bitmap(1), bitmap(64));
    }

    private static void measureNames(PrintStream out) throws Exception {
        measure(out, "names of clients: glob with ten stars", names("CN=laptop,O=Home"), names("a".repeat(20_000)));
        Input name = certificateName(NameBytes.parts(List.of("laptop", "Home", "GB")));
        List<String> letters = Collections.nCopies(1_000, "a");
        measure(out, "certificate's name: 1000 parts", name, certificateName(NameBytes.parts(letters)));
        measure(out, "certificate's name: 1000 values in one part", name, certificateName(NameBytes.onePart(letters)));
        measure(
                out,
                "certificate's name: characters to be escaped",
                name,
                certificateName(NameBytes.parts(List.of("+".repeat(16_000)))));
    }

    private static void measureQmp(PrintStream out) throws Exception {
        Input command = qmp("{\"execute\":\"migrate-set-parameters\",\"arguments\":{\"max-bandwidth\":1000}}\r\n");
        measure(out, "QMP: lists in lists, 1024 deep", command, qmp("[".repeat(1024) + "]".repeat(1024)));
        measure(out, "QMP: names, all of one hash code", command, qmp(collidingKeys()));
        measure(out, "QMP: escapes", command, qmp("\"" + "\\u0061".repeat(8_000) + "\""));
        measure(out, "QMP: brackets that close nothing", command, qmp("]"));
    }

    private static void measureMigrations(PrintStream out) throws Exception {
        Input usual = migration(full());
        measure(out, "migration: packets of one page", usual, migration(repeat(2_000, s -> s.packet(1, 0))));
        measure(out, "migration: packets of one zero page", usual, migration(repeat(10_000, s -> s.packet(0, 1))));
        measure(out, "migration: packets of 128 zero pages", usual, migration(repeat(10_000, s -> s.packet(0, 128))));
        measure(
                out,
                "migration: rounds with nothing in them",
                usual,
                migration(repeat(5_000, HostileStream::emptyRound)));
        measure(out, "migration: empty sections", usual, migration(repeat(500_000, HostileStream::emptySection)));
        measure(out, "migration: sections of one zero page", usual, migration(repeat(200_000, s -> s.zeroPage(7))));
        measure(
                out,
                "migration: PINGs, each answered",
                usual,
                migration(repeat(200_000, HostileStream::ping, HostileStream::openReturnPath)));
    }

    private static void measure(PrintStream out, String what, Input honest, Input crafted) throws Exception {
        double[] honestNanos = new double[TURNS];
        double[] craftedNanos = new double[TURNS];
        for (int turn = -WARM_UP; turn < TURNS; turn++) {
            double one = nanosPerByte(honest);
            double other = nanosPerByte(crafted);
            if (turn >= 0) {
                honestNanos[turn] = one;
                craftedNanos[turn] = other;
            }
        }
        double usual = median(honestNanos);
        double worst = median(craftedNanos);
        out.printf(Locale.ROOT, "%-58s %12.3f %12.3f %8.1f%n", what, usual, worst, worst / usual);
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    /**
     * The kernel counts in steps of 10 ms, so it is done as often as it takes to be long beside that; and a look at
     * what it has counted takes longer than some readers do, so that is not done each time.
     */
    private static double nanosPerByte(Input input) throws Exception {
        CpuTime time = CpuTime.of(ProcessHandle.current().pid());
        long bytes = 0;
        double nanos = 0;
        while (nanos < 2e8) {
            long look = System.nanoTime() + LOOK_NANOS;
            do {
                input.read().call();
                bytes += input.bytes();
            } while (System.nanoTime() < look);
            nanos = time.spent().toNanos();
        }
        return nanos / bytes;
    }

    private static Input ends(boolean crafted) {
        String json = "{\"devices\":[" + "{\"name\":\"timer\",\"fields\":[{\"size\":8}]},".repeat(2_500) + "{}]}";
        StreamBytes bytes = new StreamBytes();
        if (crafted) {
            for (int i = 0; i < 20_000; i++) {
                bytes.u8(0).u8(6).u32(200_000 - 7 * i + i).u8('{');
            }
        }
        byte[] all = bytes.u8(0).u8(6).u32(json.length()).text(json).toBytes();
        IntUnaryOperator pieces = crafted ? _ -> 1 : room -> room;
        return new Input(
                all.length,
                () -> DeviceState.read(StreamBytes.input(all, pieces), true, Long.MAX_VALUE, MemoryGrowth.UNLIMITED));
    }

    private static Input description(String element) {
        StringBuilder json = new StringBuilder("{\"devices\":[],\"x\":[");
        for (int i = 0; json.length() < 8_000_000; i++) {
            json.append(element.replace("#", Integer.toHexString(i))).append(',');
        }
        byte[] bytes = json.append("0]}").toString().getBytes(StandardCharsets.US_ASCII);
        return new Input(bytes.length, () -> {
            try {
                return VmDescription.parse(bytes, 0, bytes.length);
            } catch (StreamException e) {
                return e;
            }
        });
    }

    private static Input packets(int blocks) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < blocks; i++) {
            names.add("a".repeat(251) + String.format("%04d", i));
        }
        long[] lengths = new long[blocks];
        Arrays.fill(lengths, 1 << 20);
        RamPacketValidator validator =
                new RamPacketValidator(0, GEOMETRY, CompressionMethod.NONE, new RamBlockTable(names, lengths));
        List<RamPacketFlyweight> packets = new ArrayList<>();
        for (int i = 0; i < BLOCKS; i++) {
            RamPacketFlyweight packet =
                    new RamPacketFlyweight().wrap(new UnsafeBuffer(new byte[GEOMETRY.ramPacketLength()]), 0);
            byte[] name = names.get(i * 2_039 % blocks).getBytes(StandardCharsets.US_ASCII);
            packets.add(packet.fillPages(0, GEOMETRY.pagesPerPacket(), 0, 1, 0, i, new UnsafeBuffer(name)));
        }
        return new Input((long) BLOCKS * GEOMETRY.ramPacketLength(), () -> {
            int sum = 0;
            for (RamPacketFlyweight packet : packets) {
                sum += validator.validate(packet);
            }
            return sum;
        });
    }

    private static Input names(String name) {
        TlsAuthz rules = TlsAuthz.of(List.of("glob:*a*a*a*a*a*a*a*a*a*b"));
        return new Input(name.length(), () -> rules.allows(name));
    }

    private static Input packed(CompressionMethod method, boolean zeros) throws Exception {
        byte[] pages = new byte[512 << 10];
        if (!zeros) {
            new Random(1).nextBytes(pages);
        }
        byte[] data = method == CompressionMethod.ZSTD ? zstd(pages) : zlib(pages);
        BufferPool buffers = new BufferPool(1 << 20, 1, 1);
        MemoryRegion region = MemoryRegion.allocate(pages.length);
        IoVector places = new IoVector(1);
        return new Input(data.length + GEOMETRY.ramPacketLength(), () -> {
            try (PageDecoder decoder = Codecs.standard().of(method).newDecoder(buffers)) {
                places.clear();
                places.add(region, 0, pages.length);
                decoder.receive(into -> into.buffers()[0].put(data), data.length);
                decoder.decode(
                        _ -> {
                            throw new IllegalStateException("data must have been received before");
                        },
                        places,
                        GEOMETRY.pageSizeBytes());
                decoder.release();
                return region;
            }
        });
    }

    private static byte[] zlib(byte[] pages) {
        Deflater deflater = new Deflater(1);
        try {
            deflater.setInput(pages);
            byte[] data = new byte[1 << 20];
            return Arrays.copyOf(data, deflater.deflate(data, 0, data.length, Deflater.SYNC_FLUSH));
        } finally {
            deflater.end();
        }
    }

    private static byte[] zstd(byte[] pages) {
        ByteBuffer from = ByteBuffer.allocateDirect(pages.length).put(pages).flip();
        ByteBuffer into = ByteBuffer.allocateDirect(1 << 20);
        try (var context = new ZstdCompressCtx()) {
            boolean done = false;
            while (from.hasRemaining() || !done) {
                done = context.compressDirectByteBufferStream(into, from, EndDirective.FLUSH);
            }
        }
        byte[] data = new byte[into.flip().remaining()];
        into.get(data);
        return data;
    }

    /**
     * A scan from one page that is there to the next, as a sender and the end of an image do it; bytes are those of the
     * pages.
     */
    private static Input bitmap(int step) {
        long pages = 1 << 22;
        PageBitmap bitmap = new PageBitmap(pages);
        for (long page = 0; page < pages; page += step) {
            bitmap.set(page);
        }
        return new Input(pages / step * 4096, () -> {
            long sum = 0;
            for (long page = bitmap.nextSet(0); page < pages; page = bitmap.nextSet(page + 1)) {
                sum += page;
            }
            return sum;
        });
    }

    private interface Part {
        HostileStream addTo(HostileStream stream);
    }

    private static HostileStream full() {
        return repeat(400, s -> s.packet(128, 0));
    }

    private static HostileStream repeat(int times, Part part, Part... before) {
        HostileStream stream = new HostileStream();
        for (Part one : before) {
            one.addTo(stream);
        }
        for (int i = 0; i < times; i++) {
            part.addTo(stream);
        }
        return stream.end();
    }

    private static Input migration(HostileStream stream) {
        byte[] main = stream.main();
        byte[] channel = stream.channel();
        return new Input(main.length + channel.length, () -> HostileMigration.receive(main, channel));
    }

    private static Input qmp(String text) {
        byte[] bytes = text.repeat(200_000 / text.length()).getBytes(StandardCharsets.UTF_8);
        return new Input(bytes.length, () -> QmpReading.read(bytes));
    }

    /** All of a reader's tokens are members of one object, and their names have one hash code. */
    private static String collidingKeys() {
        StringBuilder json = new StringBuilder("{");
        for (int i = 0; i < 4_000; i++) {
            json.append(i == 0 ? "\"" : ",\"");
            for (int bit = 0; bit < 12; bit++) {
                json.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            json.append("\":0");
        }
        return json.append('}').toString();
    }

    private static Input certificateName(byte[] encoded) {
        return new Input(encoded.length, () -> CertificateNames.read(encoded));
    }
}
