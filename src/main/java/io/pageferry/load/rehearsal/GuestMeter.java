package io.pageferry.load.rehearsal;

import io.pageferry.codec.CodecException;
import io.pageferry.codec.Codecs;
import io.pageferry.codec.PageCodec;
import io.pageferry.codec.PageDecoder;
import io.pageferry.codec.PageEncoder;
import io.pageferry.codec.ZeroPages;
import io.pageferry.memory.BufferPool;
import io.pageferry.memory.IoVector;
import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.MemoryRegion;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.PageReader;
import io.pageferry.memory.PageSource;
import io.pageferry.memory.RamBlock;
import io.pageferry.wire.CompressionMethod;
import io.pageferry.wire.Multifd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Looks at packets' worths of pages from all over a guest, finds the zero ones, and has the others packed and unpacked,
 * as a channel does. Belongs to one thread: speeds are those of one core.
 */
final class GuestMeter implements AutoCloseable {
    /** 64 MiB of 512 KiB packets; of a smaller guest all. */
    private static final int MAX_PACKETS = 128;

    /** The JIT compiler has done its work after this, and as long counts then. */
    private static final long WARM_UP_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private static final int MAX_VIEWS = 1024;

    private final List<MemoryRegion> regions = new ArrayList<>();
    private final List<Packet> packets = new ArrayList<>();
    private final BufferPool buffers = new BufferPool(Multifd.MAX_COMPRESSED_BYTES, 1, 2);
    private final long ramBytes;
    private double zeroShare;
    private long lookedAt;
    private long normalBytes;

    /** The pages of one packet that are not zero. */
    private record Packet(PageBatch batch, LoadedPages pages) {}

    /** Passes over all packets take so long, a byte. */
    private record Times(double encode, double decode, double wireShare) {}

    private GuestMeter(PageSource guest) {
        this.ramBytes = guest.layout().totalBytes();
    }

    /** Measures a guest, which does not change meanwhile. */
    static GuestProfile measure(PageSource guest, Collection<Codec> codecs) throws IOException, InterruptedException {
        try (GuestMeter meter = new GuestMeter(guest)) {
            meter.sample(guest);
            Map<String, CodecCost> costs = new LinkedHashMap<>();
            for (Codec codec : codecs) {
                costs.put(codec.name(), meter.cost(codec));
            }
            return new GuestProfile(meter.ramBytes, meter.zeroShare, meter.lookedAt, costs);
        }
    }

    /** A packet's worth of a block. */
    private record Place(RamBlock block, long firstPage) {}

    /** Most of a guest may be absent; of what is present, packets are taken from everywhere. */
    private void sample(PageSource guest) throws IOException {
        int capacity = Multifd.PACKET_DATA_BYTES / guest.layout().pageSizeBytes();
        List<Place> places = new ArrayList<>();
        long presentPages = 0;
        for (RamBlock block : guest.layout().blocks()) {
            PageBitmap present = guest.present(block);
            presentPages += present.count();
            long page = present.nextSet(0);
            while (page < block.pages()) {
                long first = page / capacity * capacity;
                places.add(new Place(block, first));
                page = first + capacity < block.pages() ? present.nextSet(first + capacity) : block.pages();
            }
        }
        int wanted = Math.min(places.size(), MAX_PACKETS);
        long zero = 0;
        ZeroPages zeroPages = new ZeroPages(capacity);
        try (PageReader reader = guest.openReader()) {
            for (int i = 0; i < wanted; i++) {
                Packet packet = load(guest, reader, places.get((int) ((long) i * places.size() / wanted)), capacity);
                PageBatch batch = packet.batch;
                lookedAt += batch.pages();
                zeroPages.separate(batch, packet.pages);
                zero += batch.zeroPages();
                normalBytes += (long) batch.normalPages() * guest.layout().pageSizeBytes();
                if (batch.normalPages() > 0) {
                    packets.add(packet);
                }
            }
        }
        double normal = lookedAt == 0 ? 0 : (double) (lookedAt - zero) / lookedAt * presentPages;
        zeroShare = 1 - normal / guest.layout().totalPages();
    }

    private Packet load(PageSource guest, PageReader reader, Place place, int capacity) throws IOException {
        RamBlock block = place.block;
        int pageSize = block.pageSizeBytes();
        MemoryRegion region = MemoryRegion.allocate(Multifd.PACKET_DATA_BYTES);
        regions.add(region);
        PageBatch batch = new PageBatch(0, capacity);
        LoadedPages pages = new LoadedPages(capacity);
        IoVector vector = new IoVector(capacity);
        batch.begin(block);
        pages.begin(region);
        long end = Math.min(place.firstPage + capacity, block.pages());
        for (long page = place.firstPage; page < end; page++) {
            if (guest.present(block).isSet(page)) {
                long position = (long) batch.normalPages() * pageSize;
                pages.position(batch.normalPages(), position);
                batch.add(page * pageSize);
                vector.add(region, position, pageSize);
            }
        }
        reader.read(batch, vector);
        return new Packet(batch, pages);
    }

    private CodecCost cost(Codec codec) throws IOException, InterruptedException {
        if (codec.method() == CompressionMethod.NONE || normalBytes == 0) {
            return CodecCost.NONE;
        }
        repeat(codec);
        Times times = repeat(codec);
        return new CodecCost(times.wireShare, times.encode, times.decode);
    }

    /** Passes until the time is over, at least one. */
    private Times repeat(Codec codec) throws IOException, InterruptedException {
        long encode = 0;
        long decode = 0;
        long packed = 0;
        int passes = 0;
        PageCodec method = codecs(codec);
        while (passes == 0 || encode < WARM_UP_NANOS) {
            long start = System.nanoTime();
            List<ByteBuffer> data = encode(method.newEncoder(codec.level(), buffers));
            encode += System.nanoTime() - start;
            start = System.nanoTime();
            decode(method.newDecoder(buffers), data);
            decode += System.nanoTime() - start;
            packed = data.stream().mapToLong(ByteBuffer::capacity).sum();
            passes++;
        }
        double bytes = (double) normalBytes * passes;
        return new Times(encode / 1e9 / bytes, decode / 1e9 / bytes, (double) packed / normalBytes);
    }

    private static PageCodec codecs(Codec codec) throws CodecException {
        return Codecs.standard().of(codec.method());
    }

    private List<ByteBuffer> encode(PageEncoder encoder) throws IOException, InterruptedException {
        List<ByteBuffer> data = new ArrayList<>();
        IoVector vector = new IoVector(MAX_VIEWS);
        try (encoder) {
            for (Packet packet : packets) {
                vector.clear();
                encoder.encode(packet.batch, packet.pages, vector);
                ByteBuffer copy = ByteBuffer.allocate(Math.toIntExact(vector.totalBytes()));
                for (int i = 0; i < vector.count(); i++) {
                    copy.put(vector.buffers()[i]);
                }
                data.add(copy.flip());
                encoder.release();
            }
        }
        return data;
    }

    private void decode(PageDecoder decoder, List<ByteBuffer> data) throws IOException, InterruptedException {
        IoVector vector = new IoVector(MAX_VIEWS);
        try (decoder;
                MemoryRegion pages = MemoryRegion.allocate(Multifd.PACKET_DATA_BYTES)) {
            for (int i = 0; i < data.size(); i++) {
                ByteBuffer packet = data.get(i);
                decoder.receive(into -> fill(into, packet), packet.remaining());
                PageBatch batch = packets.get(i).batch;
                vector.clear();
                for (int slot = 0; slot < batch.normalPages(); slot++) {
                    int pageSize = batch.block().pageSizeBytes();
                    vector.add(pages, (long) slot * pageSize, pageSize);
                }
                decoder.decode(into -> fill(into, packet), vector, batch.block().pageSizeBytes());
                decoder.release();
            }
        }
    }

    private static void fill(IoVector into, ByteBuffer from) {
        for (int i = 0; i < into.count(); i++) {
            ByteBuffer buffer = into.buffers()[i];
            int length = buffer.remaining();
            buffer.put(from.slice(from.position(), length));
            from.position(from.position() + length);
        }
    }

    @Override
    public void close() {
        regions.forEach(MemoryRegion::close);
        buffers.close();
    }
}
