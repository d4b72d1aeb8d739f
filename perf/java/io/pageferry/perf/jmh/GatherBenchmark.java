package io.pageferry.perf.jmh;

import io.pageferry.memory.IoVector;
import io.pageferry.memory.PageBatch;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Gathering a packet's 128 pages from where they lie, without and with writing them to a socket whose other end throws
 * everything away on a core of its own: a packet is an operation, so 100 µs are 5.24 GB/s.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class GatherBenchmark {
    private static final int PACKETS = 256;
    private static final int DRAIN_BYTES = 512 * 1024;

    /** From page to page: neighbours are joined into one buffer, every second page is one of its own. */
    @Param({"1", "2"})
    public int stride;

    private final IoVector packet = new IoVector(PacketPages.PAGES + 1);
    private PacketPages pages;
    private SocketChannel socket;
    private Thread drain;

    @Setup
    public void connect() throws IOException {
        pages = new PacketPages(PACKETS, stride, 0);
        try (ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            socket = SocketChannel.open(listener.getLocalAddress());
            SocketChannel accepted = listener.accept();
            drain = Thread.ofPlatform().name("drain").daemon().start(() -> drain(accepted));
        }
    }

    private static void drain(SocketChannel accepted) {
        ByteBuffer into = ByteBuffer.allocateDirect(DRAIN_BYTES);
        try (accepted) {
            while (accepted.read(into.clear()) >= 0) {
                // Nobody wants it.
            }
        } catch (IOException e) {
            throw new IllegalStateException("drain must read to the end", e);
        }
    }

    @TearDown
    public void disconnect() throws IOException, InterruptedException {
        socket.close();
        drain.join();
        pages.close();
    }

    @Benchmark
    public IoVector gather() {
        PageBatch batch = pages.nextBatch();
        packet.clear();
        packet.add(batch.bytes().clear());
        pages.loaded().addTo(packet, PacketPages.PAGES, PacketPages.PAGE);
        return packet;
    }

    @Benchmark
    public IoVector gatherAndWrite() throws IOException {
        gather();
        long remaining = packet.totalBytes();
        int first = 0;
        while (remaining > 0) {
            remaining -= socket.write(packet.buffers(), first, packet.count() - first);
            while (first < packet.count() && !packet.buffers()[first].hasRemaining()) {
                first++;
            }
        }
        return packet;
    }
}
