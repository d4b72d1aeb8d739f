package io.pageferry.perf.jmh;

import io.pageferry.codec.Codecs;
import io.pageferry.codec.PageCodec;
import io.pageferry.codec.PageDecoder;
import io.pageferry.codec.PageEncoder;
import io.pageferry.memory.BufferPool;
import io.pageferry.memory.IoVector;
import io.pageferry.memory.MemoryRegion;
import io.pageferry.wire.CompressionMethod;
import io.pageferry.wire.Multifd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Compressing the pages of a packet, and unpacking them: 128 pages of 4 KiB are an operation, so 1 op/ms is 0.524 GB/s
 * of pages. Level 1, one core; memory is larger than what a stream remembers of it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class CodecBenchmark {
    private static final int PACKETS = 64;
    private static final int LEVEL = 1;

    @Param({"ZLIB", "ZSTD", "QPL", "UADK", "QATZIP"})
    public CompressionMethod method;

    /** The share of a page that repeats itself; the rest is random. */
    @Param({"0", "0.5"})
    public double compressibility;

    private final BufferPool buffers = new BufferPool(Multifd.MAX_COMPRESSED_BYTES, 1, 2);
    private final IoVector packet = new IoVector(PacketPages.PAGES + 1);
    private final IoVector places = new IoVector(PacketPages.PAGES);
    private final List<byte[]> stream = new ArrayList<>();
    private PageCodec codec;
    private PacketPages pages;
    private PageEncoder encoder;

    @Setup
    public void encodeOnce() throws IOException, InterruptedException {
        codec = Codecs.standard().of(method);
        pages = new PacketPages(PACKETS, 1, compressibility);
        encoder = codec.newEncoder(LEVEL, buffers);
        try (PageEncoder once = codec.newEncoder(LEVEL, buffers)) {
            for (int i = 0; i < PACKETS; i++) {
                encode(once);
                ByteBuffer data = packet.buffers()[0];
                byte[] copy = new byte[data.remaining()];
                data.get(copy);
                stream.add(copy);
                once.release();
            }
        }
    }

    @TearDown
    public void free() {
        encoder.close();
        buffers.close();
        pages.close();
    }

    private void encode(PageEncoder with) throws IOException, InterruptedException {
        packet.clear();
        with.encode(pages.nextBatch(), pages.loaded(), packet);
    }

    @Benchmark
    public long encode() throws IOException, InterruptedException {
        encode(encoder);
        long bytes = packet.totalBytes();
        encoder.release();
        return bytes;
    }

    /**
     * All of a stream, as what comes later may refer to what came before. The pages go back to where they are already.
     */
    @Benchmark
    @OperationsPerInvocation(PACKETS)
    public MemoryRegion decode() throws IOException, InterruptedException {
        try (PageDecoder decoder = codec.newDecoder(buffers)) {
            for (byte[] data : stream) {
                pages.nextBatch();
                places.clear();
                pages.loaded().addTo(places, PacketPages.PAGES, PacketPages.PAGE);
                decoder.receive(into -> into.buffers()[0].put(data), data.length);
                decoder.decode(
                        into -> {
                            throw new IllegalStateException("data must have been received before");
                        },
                        places,
                        PacketPages.PAGE);
                decoder.release();
            }
        }
        return pages.region();
    }
}
