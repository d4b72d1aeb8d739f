package io.pageferry.perf.jmh;

import io.pageferry.memory.PageBatch;
import io.pageferry.memory.RamBlock;
import io.pageferry.wire.CompressionMethod;
import io.pageferry.wire.PacketGeometry;
import io.pageferry.wire.PacketHeaderValidator;
import io.pageferry.wire.RamBlockTable;
import io.pageferry.wire.RamPacketFlyweight;
import io.pageferry.wire.RamPacketValidator;
import io.pageferry.wire.WireException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A packet of 128 pages without its data: one is an operation. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class PacketBenchmark {
    private static final int PAGE = 4096;
    private static final PacketGeometry GEOMETRY = new PacketGeometry(PAGE);
    private static final int PAGES = GEOMETRY.pagesPerPacket();
    private static final RamBlock BLOCK = new RamBlock(0, "pc.ram", 1L << 30, PAGE);

    private final PageBatch batch = new PageBatch(RamPacketFlyweight.OFFSETS_FIELD_OFFSET, PAGES);
    private final RamPacketFlyweight packet = new RamPacketFlyweight();
    private final RamBlockTable blocks = new RamBlockTable(List.of(BLOCK.name()), new long[] {BLOCK.lengthBytes()});
    private final RamPacketValidator validator = new RamPacketValidator(0, GEOMETRY, CompressionMethod.NONE, blocks);
    private long number;

    @Setup
    public void fillOnce() {
        fill();
    }

    /** What the planner and the channel write into it. */
    @Benchmark
    public RamPacketFlyweight fill() {
        batch.begin(BLOCK);
        while (!batch.isFull()) {
            batch.add((long) batch.pages() * PAGE);
        }
        batch.fillOffsets();
        return packet.wrap(batch.buffer(), 0)
                .fillPages(0, PAGES, PAGES, 0, PAGES * PAGE, number++, blocks.name(BLOCK.index()));
    }

    /** What a receiver looks at before the first byte of a page lands. */
    @Benchmark
    public int validate() throws WireException {
        PacketHeaderValidator.validate(packet, 0);
        return validator.validate(packet);
    }
}
